"""The bare limit: the same statements, group commit, history and outbox, without validation, expansion and matching.

What a handler over these tables can do at most on this machine; the context broker is measured against it.
"""

import asyncio
import os
from collections import deque
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson

from services.broker.store import entities
from services.cli.server import tune_collector
from services.kernel.clock import to_iso_millis
from services.kernel.postgres import open_pool
from services.kernel.sql import load_statements

_SQL = load_statements("services.broker.store", "sql/entities.sql")
_TENANT = 1
_BATCH = 200


class _Bare:
    """An ASGI application that knows four requests by their method and path."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool | None = None
        self._queue: deque[tuple[list[tuple[str, dict[str, Any]]], asyncio.Future[None]]] = deque()
        self._due = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        body = (await receive())["body"]
        status, answer = await self._answer(scope, body)
        headers = [(b"content-length", str(len(answer)).encode()), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        tune_collector()
        self._pool = await open_pool(os.environ["HIROBA_DATABASE_URL"], schema="broker")
        lanes = [asyncio.create_task(self._write()) for _ in range(2)]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for lane in lanes:
            lane.cancel()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Any, body: bytes) -> tuple[int, bytes]:
        assert self._pool is not None
        path, method = scope["path"], scope["method"]
        if method == "GET" and "/entities/" in path:
            uri = path.rpartition("/")[2]
            async with self._pool.acquire() as connection:
                rows = await connection.fetch(_SQL["retrieve_by_uri"], _TENANT, uri)
            return 200, orjson.dumps({"id": rows[0]["uri"], "type": rows[0]["type"], **rows[0]["attrs"]})
        if method == "PATCH":
            await self._submit([(path.split("/")[4], orjson.loads(body))])
            return 204, b""
        sent = orjson.loads(body)
        await self._submit([(each["id"], each) for each in sent])
        return 204, b""

    async def _submit(self, updates: list[tuple[str, dict[str, Any]]]) -> None:
        done = asyncio.get_running_loop().create_future()
        self._queue.append((updates, done))
        self._due.set()
        await done

    async def _write(self) -> None:
        while True:
            await self._due.wait()
            batch, size = [], 0
            while self._queue and size < _BATCH:
                batch.append(self._queue.popleft())
                size += len(batch[-1][0])
            if not self._queue:
                self._due.clear()
            if batch:
                await self._commit([update for updates, _ in batch for update in updates])
                for _, done in batch:
                    done.set_result(None)

    async def _commit(self, updates: list[tuple[str, dict[str, Any]]]) -> None:
        assert self._pool is not None
        now = datetime.now(UTC)
        instant = to_iso_millis(now)
        async with self._pool.acquire() as connection, connection.transaction():
            names = list({uri for uri, _ in updates})
            loaded = {each.uri: each for each in (await entities.lock_stored(connection, _TENANT, names, [])).values()}
            changed, history = {}, []
            for uri, sent in updates:
                before = loaded[uri]
                written = {
                    name: [{"kind": "Property", **value, "createdAt": instant, "modifiedAt": instant}]
                    for name, value in sent.items()
                    if name not in ("id", "type")
                }
                loaded[uri] = changed[uri] = before.with_(attrs={**before.attrs, **written}, modified_at=now)
                row = {"uri": uri, "seq": before.seq, "recorded_at": now, "change": "updated"}
                history += [{**row, "attribute": name, "instance": written[name][0]} for name in written]
            rows = [{"seq": each.seq, "attrs": each.attrs, "modified_at": now} for each in changed.values()]
            await connection.fetchval(_SQL["keep_changes"], _TENANT, rows, history)


app = _Bare()
