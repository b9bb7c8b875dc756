"""The context broker's stream of changes, passed on to a reader's map."""

import contextlib
from collections.abc import Iterator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.catalog.downloads.export import Exports, Wanted
from services.catalog.operations.live_file import find_live
from services.catalog.portal.site import Site, audience
from services.kernel.errors import Unavailable
from services.kernel.telemetry import Receive, Scope, Send

MOST: Final = 50
"""So many readers a process: each holds a connection to the broker, of which downloads need some too."""
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}


class Followers:
    """The readers that follow changes through this process."""

    def __init__(self) -> None:
        self._count = 0

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for a reader. Raises Unavailable where all are taken."""
        if self._count >= MOST:
            raise Unavailable("So many readers follow changes that there is no place for another")
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1


class Following(Response):
    """An answer that lasts while the broker tells of changes and the reader stays. Raises what the broker refuses."""

    def __init__(self, exports: Exports, wanted: Wanted, followers: Followers) -> None:
        super().__init__()
        self._exports = exports
        self._wanted = wanted
        self._followers = followers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin the stream, then pass it on."""
        with self._followers.place():
            async with self._exports.opened(self._wanted) as parts:
                answer = StreamingResponse(parts, media_type="text/event-stream", headers=_HEADERS)
                await answer(scope, receive, send)


async def follow(request: Request) -> Response:
    """Pass the stream of a live data set's changes on, in the name of the reader. Raises NotFound, NotAuthenticated."""
    site: Site = request.app.state.site()
    known = await find_live(site.catalogue, await audience(request, site), str(request.path_params["reference"]))
    parameters = {"type": known.live.entity_type}
    last = request.headers.get("last-event-id", "")
    if last:
        parameters["lastEventId"] = last
    tenant, authorization = known.dataset.publisher.name, request.headers.get("authorization")
    wanted = Wanted(tenant, authorization, "/stream/ngsi-ld/entities", parameters)
    return Following(site.exports, wanted, request.app.state.followers)
