"""A provider of NGSIv2 registrations: it answers op/query and op/update and remembers what it is asked."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from tests.support.serving import served


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    query: str
    headers: dict[str, str]
    body: Any


class V2Provider:
    """Answers queries with `entities` and everything with `status`, after `delay_s` and when all who are `together`
    are asked.
    """

    def __init__(self, *entities: dict[str, Any]) -> None:
        self.asked: list[Asked] = []
        self.entities: Any = list(entities)
        self.status = 200
        self.delay_s = 0.0
        self.together = threading.Barrier(1)
        self.total: int | None = None
        self.url = ""
        self.app = FastAPI()
        self.app.add_route("/{path:path}", self._take, methods=["POST"])

    async def _take(self, request: Request) -> Response:
        self.asked.append(Asked(request.url.path, request.url.query, dict(request.headers), await request.json()))
        await asyncio.sleep(self.delay_s)
        await asyncio.to_thread(self.together.wait, 60)
        if self.status != 200:
            return JSONResponse({"error": "NotFound"}, self.status)
        if request.url.path.endswith("op/update"):
            return Response(status_code=204)
        headers = {} if self.total is None else {"Fiware-Total-Count": str(self.total)}
        return JSONResponse(self.entities, headers=headers)


@contextmanager
def providing(*entities: dict[str, Any]) -> Iterator[V2Provider]:
    """Run a provider for the length of the block."""
    provider = V2Provider(*entities)
    with served(provider.app) as provider.url:
        yield provider
