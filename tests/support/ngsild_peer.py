"""A remote NGSI-LD broker's batch upsert, over real HTTP: keeps entities and history in memory, fails on demand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

Entity = dict[str, Any]


@dataclass
class NgsildPeer:
    """What the peer was sent, and how it answers.

    `failures` are statuses for the next requests; while `is_away` it closes connections, until `flowing` is set it
    lets requests wait. `refuses` tells which
    entities break a rule; with `refuses_whole` the batch is refused with 400, else 207 names them.
    """

    url: str = ""
    batches: list[tuple[str, list[Entity]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    entities: dict[tuple[str, str], Entity] = field(default_factory=dict)
    history: dict[tuple[str, str], list[Entity]] = field(default_factory=dict)
    failures: list[int] = field(default_factory=list)
    is_away: bool = False
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    refuses: Callable[[Entity], bool] = lambda _: False
    refuses_whole: bool = False
    fails_at: Callable[[Entity], bool] = lambda _: False
    requests: int = 0
    _keys: set[str] = field(default_factory=set)

    async def upsert(self, request: web.Request) -> web.Response:
        """Answer one batch (NGSI-LD clause 5.6.8)."""
        self.requests += 1
        if self.is_away:
            assert request.transport is not None
            request.transport.close()
            return web.Response(status=503)
        body = orjson.loads(await request.read())
        await self.flowing.wait()
        if self.failures:
            return web.json_response({"title": "Told to fail"}, status=self.failures.pop(0))
        if any(self.fails_at(each) for each in body):
            return web.json_response({"title": "Internal error"}, status=500)
        bad = [each for each in body if self.refuses(each)]
        if bad and self.refuses_whole:
            return web.json_response(
                {"type": "BadRequestData", "title": "Bad", "detail": "an entity is bad"}, status=400
            )
        return self._apply(request, body, bad)

    async def retrieve(self, request: web.Request) -> web.Response:
        """Answer with an entity's attributes (NGSI-LD clause 5.7.1)."""
        entity = self.entities.get((request.headers.get("NGSILD-Tenant", ""), request.match_info["id"]))
        return web.json_response(entity) if entity else web.json_response({"title": "Not Found"}, status=404)

    def values(self, tenant: str, identifier: str, name: str) -> list[Any]:
        """Return every value that an attribute was given, in order."""
        return [each[name]["value"] for each in self.history.get((tenant, identifier), []) if name in each]

    def _apply(self, request: web.Request, body: list[Entity], bad: list[Entity]) -> web.Response:
        tenant = request.headers.get("NGSILD-Tenant", "")
        self.headers.append(dict(request.headers))
        key = request.headers.get("Idempotency-Key", f"request {self.requests}")
        if key in self._keys:
            return web.Response(status=204)
        self._keys.add(key)
        self.batches.append((tenant, body))
        created: list[str] = []
        for entity in body:
            if entity in bad:
                continue
            place = tenant, entity["id"]
            if place not in self.entities:
                created.append(entity["id"])
            self.entities.setdefault(place, {}).update(entity)
            self.history.setdefault(place, []).append(entity)
        if bad:
            errors = [{"entityId": each["id"], "error": {"title": "Bad", "detail": "told to refuse"}} for each in bad]
            success = [each["id"] for each in body if each not in bad]
            return web.json_response({"success": success, "errors": errors}, status=207)
        return web.json_response(created, status=201) if created else web.Response(status=204)


async def _ready(_: web.Request) -> web.Response:
    return web.json_response({"status": "pass"})


@contextlib.asynccontextmanager
async def ngsild_peer() -> AsyncIterator[NgsildPeer]:
    """Serve a peer on a free loopback port."""
    peer = NgsildPeer()
    peer.flowing.set()
    app = web.Application(client_max_size=20 * 1024 * 1024)
    app.router.add_post("/ngsi-ld/v1/entityOperations/upsert", peer.upsert)
    app.router.add_get("/ngsi-ld/v1/entities/{id}", peer.retrieve)
    app.router.add_get("/health/ready", _ready)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = runner.addresses[0]
    peer.url = f"http://{address[0]}:{address[1]}"
    try:
        yield peer
    finally:
        await runner.cleanup()
