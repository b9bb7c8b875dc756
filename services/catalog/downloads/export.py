"""The context broker's export of all entities of a type, as the caller may see them."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import httpx

from services.kernel.errors import HubError, InvalidRequest, NotAllowed, NotAuthenticated, NotFound, Unavailable

_TIMEOUT = httpx.Timeout(30, read=120)
_REFUSALS: Mapping[int, type[HubError]] = {400: InvalidRequest, 401: NotAuthenticated, 403: NotAllowed, 404: NotFound}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of the broker: of which tenant, by whose token, at which address with which parameters.

    `purpose` is what a service states that it wants personal data for.
    """

    tenant: str
    authorization: str | None
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    purpose: str = ""


class Exports:
    """Asks the context broker in the name of who asks the catalogue: its grants decide, not the catalogue's."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @contextlib.asynccontextmanager
    async def opened(self, wanted: Wanted) -> AsyncIterator[AsyncIterator[bytes]]:
        """Yield the parts of an export as they come. Raises HubError, before the first part, where it is refused."""
        async with self._answered(wanted) as answer:
            yield answer.aiter_raw()

    async def page(self, wanted: Wanted) -> tuple[bytes, int | None]:
        """Return a page of entities as JSON, with the number of all where it was asked for. Raises HubError."""
        async with self._answered(wanted) as answer:
            content = await answer.aread()
        count = answer.headers.get("NGSILD-Results-Count")
        return content, None if count is None else int(count)

    @contextlib.asynccontextmanager
    async def _answered(self, wanted: Wanted) -> AsyncIterator[httpx.Response]:
        headers = {"Accept-Encoding": "identity"}
        if wanted.tenant:
            headers["NGSILD-Tenant"] = wanted.tenant
        if wanted.authorization:
            headers["Authorization"] = wanted.authorization
        if wanted.purpose:
            headers["Hiroba-Purpose"] = wanted.purpose
        request = self._client.build_request(
            "GET", wanted.path, params=wanted.parameters, headers=headers, timeout=_TIMEOUT
        )
        try:
            answer = await self._client.send(request, stream=True)
        except httpx.TransportError as error:
            raise Unavailable("The context broker is away") from error
        try:
            if answer.status_code != httpx.codes.OK:
                raise await _refusal(answer)
            yield answer
        finally:
            await answer.aclose()

    async def begun(self, wanted: Wanted) -> AsyncIterator[bytes]:
        """Return the parts of an export that has begun; reading all or leaving off ends it. Raises HubError."""
        stack = contextlib.AsyncExitStack()
        parts = await stack.enter_async_context(self.opened(wanted))

        async def rest() -> AsyncIterator[bytes]:
            async with stack:
                async for part in parts:
                    yield part

        return rest()


async def _refusal(answer: httpx.Response) -> HubError:
    await answer.aread()
    kind = _REFUSALS.get(answer.status_code, Unavailable)
    try:
        told = answer.json()
    except ValueError:
        told = {}
    detail = str(told.get("detail") or told.get("title") or "The context broker cannot answer")
    return kind(detail, field=told.get("field"))
