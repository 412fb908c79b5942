"""Reading a division from tables: what the files say, what is wrong with them, and what they would change.

``sources`` (bytes) → ``csv_files`` and ``workbooks`` (rows of text) → ``sheets`` (which table, which columns) →
``planning`` (checked against each other and the database) → ``applying``. docs/import.md is written for its users.
"""
