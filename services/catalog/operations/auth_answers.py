"""What auth is asked in the name of a caller: it decides by the caller's own token, and its refusals are passed on."""

from collections.abc import Mapping
from typing import Any

import httpx

from services.kernel.errors import BadData, Conflict, HubError, NotAllowed, NotAuthenticated, NotFound, Unavailable

_TIMEOUT_S = 10
_REFUSALS: Mapping[int, type[HubError]] = {
    400: BadData,
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
}


class AuthAnswers:
    """Asks auth with the caller's own token. Every method raises what auth refuses with, and Unavailable."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

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
