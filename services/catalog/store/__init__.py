"""Values to rows and back: SQLAlchemy Core statements on the service's own schema."""
