"""The chief's papers. Pure: what was read in, PDF out."""
