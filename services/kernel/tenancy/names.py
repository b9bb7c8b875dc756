"""The names of tenants, and the headers that carry them."""

import re
from collections.abc import Mapping

from services.kernel.errors import InvalidRequest

DEFAULT_TENANT = ""
_NAME = re.compile(r"[a-z0-9_][a-z0-9_-]{0,49}\Z")
_FIWARE = "fiware-service"
_RESERVED = "default-tenant"  # stands for the default tenant where no name may be empty


def fold_name(name: str, header: str = "Fiware-Service") -> str:
    """Fold a tenant name to lower case and hold it against the rule. Raises InvalidRequest.

    A name has 1 to 50 letters, digits, `_` and, not in front, `-`; NGSIv2's header allows no `-`.
    """
    folded = name.strip().lower()
    is_plain = header.lower() == _FIWARE
    if (folded and not (name.isascii() and _NAME.match(folded))) or (is_plain and "-" in folded):
        allowed = "letters, digits and _" if is_plain else "letters, digits, _ and -"
        raise InvalidRequest(f"{header} must be 1 to 50 of {allowed}, not '{name}'", field=header)
    if folded == _RESERVED:
        raise InvalidRequest(f"{header} must not be {_RESERVED}, which stands for the default tenant", field=header)
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
