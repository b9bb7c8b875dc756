"""Counts the requests of the NGSIv2 face around it (Orion, Metrics API)."""

import time
from typing import Any, Final

from services.broker.ngsiv2.service_path import HEADER, LEVEL
from services.broker.operations.v2_figures import Key, Transactions, V2Figures, key_for
from services.kernel.errors import HubError
from services.kernel.telemetry import AsgiApp, Message, Receive, Scope, Send
from services.kernel.tenancy import name_in_headers

_COUNTED: Final = frozenset({b"content-length", b"fiware-service", b"ngsild-tenant", HEADER.encode()})


class Counted:
    """An ASGI application whose requests are counted."""

    def __init__(self, app: AsgiApp, figures: V2Figures) -> None:
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and count it."""
        begun = time.perf_counter()
        done = Transactions(count=1)

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                done.errors = int(message["status"] >= 400)
            else:
                done.response_bytes += len(message.get("body", b""))
            await send(message)

        await self._app(scope, receive, counting)
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"] if name in _COUNTED
        }
        length = headers.get("content-length", "")
        done.request_bytes = int(length) if length.isdigit() else 0
        done.seconds = time.perf_counter() - begun
        route = (scope.get("route_template", ""), scope["method"])
        self._figures.arrived(key_of(headers), route, done)


def key_of(headers: dict[str, Any]) -> Key | None:
    """Return what a request is counted under: tenant and first service path; None where they are not valid."""
    try:
        tenant = name_in_headers(headers)
    except HubError:
        return None
    path = headers.get(HEADER, "").partition(",")[0].strip().removesuffix("#").strip("/")
    if path and not all(LEVEL.match(level) for level in path.split("/")):
        return None
    return key_for(tenant, path)
