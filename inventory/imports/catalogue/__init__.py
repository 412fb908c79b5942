"""What registers list (GUDID's devices, the FDA's drugs), read for a person who chooses what becomes an item."""
