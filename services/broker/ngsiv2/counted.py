"""Counts the requests of the NGSIv2 face around it (Orion, Metrics API)."""

import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from services.broker.http.face import Face
from services.broker.http.request import Request
from services.broker.ngsiv2.service_path import HEADER, LEVEL
from services.broker.operations.v2_figures import Key, Transactions, V2Figures, key_for
from services.kernel.errors import HubError
from services.kernel.telemetry import Receive, Scope, Send
from services.kernel.tenancy import name_in_headers

_NAMING: Final = ("fiware-service", "ngsild-tenant", HEADER)


class Counted:
    """An ASGI application whose requests are counted."""

    def __init__(self, face: Face, figures: V2Figures) -> None:
        self._face = face
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and count it."""
        begun = time.perf_counter()
        request = Request(scope, receive)
        response = await self._face.answer(request, scope)
        await response.send(send, with_body=request.method != "HEAD")
        length = request.headers.get("content-length", "")
        done = Transactions(
            count=1,
            request_bytes=int(length) if length.isdigit() else 0,
            response_bytes=len(response.body),
            errors=int(response.status >= 400),
            seconds=time.perf_counter() - begun,
        )
        self._figures.arrived(key_of(request.headers), (request.template, request.method), done)


def key_of(headers: Mapping[str, str]) -> Key | None:
    """Return what a request is counted under: tenant and first service path; None where they are not valid."""
    return _key(*map(headers.get, _NAMING))


@lru_cache(maxsize=4096)
def _key(*texts: str | None) -> Key | None:
    headers = {name: text for name, text in zip(_NAMING, texts, strict=True) if text is not None}
    try:
        tenant = name_in_headers(headers)
    except HubError:
        return None
    path = headers.get(HEADER, "").partition(",")[0].strip().removesuffix("#").strip("/")
    if path and not all(LEVEL.match(level) for level in path.split("/")):
        return None
    return key_for(tenant, path)
