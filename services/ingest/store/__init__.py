"""Groups, devices, dead letters and import runs in PostgreSQL."""
