"""What auth is about: tenants, local governments, clients and what they may do. Pure values, no I/O."""
