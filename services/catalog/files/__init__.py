"""Uploaded files read: encoding, table, profile of each column, validation by a table schema."""
