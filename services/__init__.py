"""Hiroba: an urban OS data hub as independent services over PostgreSQL."""
