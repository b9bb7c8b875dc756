"""Tenants' names in addresses and in CKAN, where no name may be empty."""

DEFAULT_TENANT_SLUG = "default-tenant"
"""Stands for the default tenant; no tenant may have this name."""


def slug_of_tenant(name: str) -> str:
    """Return a tenant's name in addresses."""
    return name or DEFAULT_TENANT_SLUG
