"""A division in one file: every row of every table, to be read by an empty system on either database.

``tables`` (which, in which order) → ``cells`` (values to JSON and back, checked) → ``writing`` and ``reading`` →
``loading``. docs/archive.md is written for its users, ADR 28 says why it is so.
"""
