"""Recall records as FDA publishes them, read into what can be compared with the shelf. No database, no network."""
