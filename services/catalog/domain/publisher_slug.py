"""Tenants' names in addresses and in CKAN, where no name may be empty."""

DEFAULT_TENANT_SLUG = "default-tenant"
"""Stands for the default tenant; no tenant may have this name."""


def slug_of_tenant(name: str) -> str:
    """Return a tenant's name in addresses."""
    return name or DEFAULT_TENANT_SLUG


def tenant_of_slug(slug: str) -> str:
    """Return the name of the tenant that addresses name so."""
    return "" if slug == DEFAULT_TENANT_SLUG else slug
