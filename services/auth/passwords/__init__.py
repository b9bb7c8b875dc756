"""Secrets that are only ever kept as a hash."""
