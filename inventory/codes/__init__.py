"""Codes on boxes, vials and shelves, read as their standards say. Pure: text in, what it names out; no database."""

from inventory.codes.reading import read_code
from inventory.codes.scanned import Code, Scanned, System, UnreadableCode

__all__ = ["Code", "Scanned", "System", "UnreadableCode", "read_code"]
