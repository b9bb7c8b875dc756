"""Tenants: which one a request names, the projection of auth's list that every other service keeps, and its rows.

The default tenant (no header) has the empty name. Names fold to lower case: `[a-z0-9_][a-z0-9_-]{0,49}`.
"""

from services.kernel.tenancy.directory import TenantDirectory
from services.kernel.tenancy.names import DEFAULT_TENANT, fold_name, name_in_headers
from services.kernel.tenancy.tenant import Tenant, tenant_table

__all__ = ["DEFAULT_TENANT", "Tenant", "TenantDirectory", "fold_name", "name_in_headers", "tenant_table"]
