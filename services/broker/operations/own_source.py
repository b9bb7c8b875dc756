"""Ingest as a context source of the hub's own: the context broker shows it who forwards."""

from collections.abc import Mapping
from typing import Final

from services.kernel.credentials import ServiceCredentials
from services.kernel.errors import InvalidRequest
from services.kernel.tenancy import DEFAULT_TENANT, fold_name

_TENANT_HEADERS: Final = frozenset({"fiware-service", "ngsild-tenant"})


class OwnSource:
    """Authenticates what is forwarded to ingest, which then carries out what the broker has allowed.

    A registration may name any address and header. So credentials go to ingest's two addresses as they are, where the
    forwarded request names the tenant that it was sent in and no other.
    """

    def __init__(self, url: str, credentials: ServiceCredentials) -> None:
        base = url.rstrip("/")
        self._addresses = frozenset({base, f"{base}/v2"})
        self._credentials = credentials

    async def signed(self, address: str, headers: Mapping[str, str], tenant_name: str) -> Mapping[str, str]:
        """Return the headers of a request to a registration's address, with the broker's credentials for ingest's.

        Raises Unavailable while auth is away.
        """
        if address.rstrip("/") not in self._addresses or not _names_only(headers, tenant_name):
            return headers
        own = await self._credentials.headers()
        others = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        return {**others, **own}


def _names_only(headers: Mapping[str, str], tenant_name: str) -> bool:
    try:
        named = {fold_name(value, name) for name, value in headers.items() if name.lower() in _TENANT_HEADERS}
    except InvalidRequest:
        return False
    return (named or {DEFAULT_TENANT}) == {tenant_name}
