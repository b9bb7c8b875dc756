"""Values to rows and back: the broker's tables in PostgreSQL. Every statement names its tenant."""
