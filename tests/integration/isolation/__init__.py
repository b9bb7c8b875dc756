"""Nothing crosses a tenant: every route of every service, and many tenants at once."""
