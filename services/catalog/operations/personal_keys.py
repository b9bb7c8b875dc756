"""Personal keys, which auth keeps: made, listed and ended there in the name of who asks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from services.kernel.clock import to_iso
from services.kernel.errors import BadData, Conflict, HubError, NotAllowed, NotAuthenticated, NotFound, Unavailable

_TIMEOUT_S = 10
_PATH = "/personal-keys"
_REFUSALS: Mapping[int, type[HubError]] = {
    400: BadData,
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
}


class PersonalKeys:
    """Asks auth with the caller's own token. Every method raises what auth refuses with, and Unavailable."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def create(
        self, authorization: str | None, user: str, title: str, expires_at: datetime | None
    ) -> dict[str, Any]:
        """Make a key for the caller and return it, its text among it."""
        new = {"user": user, "title": title, "expires_at": None if expires_at is None else to_iso(expires_at)}
        made: dict[str, Any] = await self._ask("POST", _PATH, authorization, json=new)
        return made

    async def of(self, authorization: str | None, user: str) -> list[dict[str, Any]]:
        """Return the keys of a person, the caller or somebody whom the caller administers."""
        answer = await self._ask("GET", _PATH, authorization, params={"user": user})
        keys: list[dict[str, Any]] = answer["keys"]
        return keys

    async def revoke(self, authorization: str | None, key_id: str) -> None:
        """End a key at once."""
        await self._ask("DELETE", f"{_PATH}/{key_id}", authorization)

    async def _ask(self, method: str, path: str, authorization: str | None, **more: Any) -> Any:
        headers = {"Authorization": authorization} if authorization else {}
        try:
            answer = await self._client.request(method, path, headers=headers, timeout=_TIMEOUT_S, **more)
            told = answer.json() if answer.content else None
        except (httpx.HTTPError, ValueError) as error:
            raise Unavailable("The authorisation server is away") from error
        if answer.is_success:
            return told
        refusal = _REFUSALS.get(answer.status_code)
        if refusal is None or not isinstance(told, dict):
            raise Unavailable("The authorisation server cannot answer now")
        raise refusal(str(told.get("detail", "")), field=told.get("field"))
