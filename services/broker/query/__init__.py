"""Queries: languages parsed into one tree, and its two interpreters, `to_sql` and `matches`. No I/O."""
