"""Auth's tenants over HTTP: the changes to follow, and what a service tells auth in turn."""

import logging
from collections.abc import Mapping

import httpx

from services.kernel.credentials import ServiceCredentials

WAIT_S = 20
_REFUSED = (400, 403, 409, 422)
_log = logging.getLogger("hiroba.tenancy")


class Feed:
    """The change feed of tenants, and reports to auth."""

    def __init__(self, client: httpx.AsyncClient, credentials: ServiceCredentials) -> None:
        self._client = client
        self._credentials = credentials
        self._refused: set[str] = set()

    async def changes_after(self, position: int) -> tuple[int, list[Mapping[str, object]]]:
        """Wait for changes after a position; return the position that the feed has reached, and the changes."""
        parameters = {"after": position, "wait_s": WAIT_S}
        answer = await self._client.get("/feed/tenants", params=parameters, headers=await self._credentials.headers())
        answer.raise_for_status()
        body = answer.json()
        return int(body["position"]), list(body["tenants"])

    async def report(self, name: str) -> None:
        """Tell auth of a tenant that a first write created. What auth refuses is logged, not tried again."""
        if name in self._refused:
            return
        answer = await self._client.put(f"/tenants/{name}", json={}, headers=await self._credentials.headers())
        if answer.status_code in _REFUSED:
            _log.warning("Auth refuses a new tenant", extra={"tenant": name, "status": answer.status_code})
            self._refused.add(name)
            return
        answer.raise_for_status()

    async def confirm_deletion(self, name: str, service: str, rows: int) -> None:
        """Tell auth that a service holds nothing of a tenant any more. A tenant that is gone needs no confirmation."""
        path = f"/tenants/{name}/deletion/{service}"
        answer = await self._client.put(path, json={"rows": rows}, headers=await self._credentials.headers())
        if answer.status_code not in (404, 409):  # it is gone already, or was created anew
            answer.raise_for_status()
