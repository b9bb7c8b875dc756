"""The names of tenants, and the headers that carry them."""

import re
from collections.abc import Mapping

from services.kernel.errors import InvalidRequest

DEFAULT_TENANT = ""
_NAME = re.compile(r"[a-z0-9_]{1,50}\Z")


def fold_name(name: str, header: str = "Fiware-Service") -> str:
    """Fold a tenant name to lower case and hold it against the rule. Raises InvalidRequest."""
    folded = name.strip().lower()
    if folded and not (name.isascii() and _NAME.match(folded)):
        raise InvalidRequest(f"{header} must be 1 to 50 of letters, digits and _, not '{name}'", field=header)
    return folded


def name_in_headers(headers: Mapping[str, str]) -> str:
    """Return the tenant that `Fiware-Service` or `NGSILD-Tenant` names; if both are sent they must agree.

    `headers` has lower-case names. Raises InvalidRequest.
    """
    service = headers.get("fiware-service")
    tenant = headers.get("ngsild-tenant")
    if service is None:
        return DEFAULT_TENANT if tenant is None else fold_name(tenant, "NGSILD-Tenant")
    folded = fold_name(service)
    if tenant is not None and fold_name(tenant, "NGSILD-Tenant") != folded:
        raise InvalidRequest("Fiware-Service and NGSILD-Tenant name different tenants", field="NGSILD-Tenant")
    return folded
