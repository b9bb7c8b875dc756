"""One query over all tenants that let the caller read: a prefecture over its members, each result naming its tenant."""
