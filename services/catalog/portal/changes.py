"""The context broker's streams of changes, passed on to a reader's map as one stream."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final

import httpx
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.catalog.downloads.export import Exports, Wanted
from services.catalog.portal.chosen import chosen_layers
from services.catalog.portal.site import Site, audience
from services.kernel.errors import NotFound, Unavailable
from services.kernel.telemetry import Receive, Scope, Send

CHANGES: Final = "/live/changes"
MOST: Final = 50
"""So many streams a process: each holds a connection to the broker, of which downloads need some too."""
_WAITING: Final = 100
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
_Told = asyncio.Queue[bytes | None]


class Followers:
    """The streams that are followed through this process."""

    def __init__(self) -> None:
        self._count = 0

    @contextlib.contextmanager
    def places(self, count: int) -> Iterator[None]:
        """Hold places for a reader. Raises Unavailable where too few are left."""
        if self._count + count > MOST:
            raise Unavailable("So many readers follow changes that there is no place for another")
        self._count += count
        try:
            yield
        finally:
            self._count -= count


class Following(Response):
    """An answer that lasts while the broker tells of changes and the reader stays. Raises what the broker refuses.

    `wanted` are streams by name: an event of the kind `k` of the stream `s` is passed on as one of the kind `k s`.
    """

    def __init__(self, exports: Exports, wanted: Mapping[str, Wanted], followers: Followers) -> None:
        super().__init__()
        self._exports = exports
        self._wanted = wanted
        self._followers = followers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin the streams, then pass them on until one ends: the reader comes back and reads all anew."""
        told = _Told(_WAITING)
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(self._followers.places(len(self._wanted)))
            for name, wanted in self._wanted.items():
                parts = await stack.enter_async_context(self._exports.opened(wanted))
                stack.push_async_callback(_ended, asyncio.ensure_future(_pass_on(parts, name, told)))
            answer = StreamingResponse(_until_none(told), media_type="text/event-stream", headers=_HEADERS)
            await answer(scope, receive, send)


async def _ended(passing: asyncio.Task[None]) -> None:
    passing.cancel()
    await asyncio.gather(passing, return_exceptions=True)


async def _pass_on(parts: AsyncIterator[bytes], name: str, told: _Told) -> None:
    with contextlib.suppress(httpx.HTTPError):
        async for event in events(parts):
            await told.put(named(event, name))
    await told.put(None)


async def _until_none(told: _Told) -> AsyncIterator[bytes]:
    while (event := await told.get()) is not None:
        yield event


async def events(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the events of a stream, each without the empty line that ends it."""
    kept = b""
    async for part in parts:
        *whole, kept = (kept + part).split(b"\n\n")
        for event in whole:
            yield event


def named(event: bytes, stream: str) -> bytes:
    """Write an event with the stream's name in its kind; one without data becomes a comment that keeps the line open.

    It has no id: places in several streams are no one place to go on from.
    """
    fields = dict(line.split(b": ", 1) for line in event.splitlines() if b": " in line)
    if b"data" not in fields:
        return b":\n\n"
    return b"event: %s %s\ndata: %s\n\n" % (fields.get(b"event", b"message"), stream.encode(), fields[b"data"])


async def follow(request: Request) -> Response:
    """Pass on the changes of the live data sets that are named, in the name of the reader: a stream a publisher.

    Raises NotFound where none of them is to be seen, NotAuthenticated, NotAllowed, Unavailable.
    """
    site: Site = request.app.state.site()
    chosen = await chosen_layers(site.catalogue, await audience(request, site), request.query_params)
    if not chosen.found:
        raise NotFound("No live data set is named that there is")
    types: dict[str, list[str]] = {}
    tenants = {each.dataset.publisher.slug: each.dataset.publisher.name for each in chosen.found}
    for each in chosen.found:
        types.setdefault(each.dataset.publisher.slug, []).append(each.live.entity_type)
    authorization = request.headers.get("authorization")
    wanted = {
        slug: Wanted(tenant, authorization, "/stream/ngsi-ld/entities", {"type": ",".join(types[slug])})
        for slug, tenant in tenants.items()
    }
    return Following(site.exports, wanted, request.app.state.followers)
