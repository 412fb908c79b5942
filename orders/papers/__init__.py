"""The papers of shipments and runs. Pure: rows in, PDF out."""
