"""Tenants' names in addresses and in CKAN, where no name may be empty."""

DEFAULT_TENANT_SLUG = "default-tenant"
"""Stands for the default tenant; no other tenant's name can have a hyphen."""


def slug_of_tenant(name: str) -> str:
    """Return a tenant's name in addresses."""
    return name or DEFAULT_TENANT_SLUG
