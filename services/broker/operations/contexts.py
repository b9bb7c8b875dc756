"""JSON-LD @contexts: resolving what users write, from memory, the database, a preload file or the network (5.5.7)."""

import asyncio
import json
import re
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson

from services.broker.domain.names import Context
from services.broker.operations.context_terms import core_context, user_context, without_scopes
from services.broker.operations.downloads import ContextDownloads, Download, LdContextNotAvailable
from services.broker.settings import BrokerSettings
from services.broker.store import contexts as store
from services.broker.store.core_context import CORE_URLS
from services.kernel.clock import Clock, system_clock
from services.kernel.errors import BadData
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant

__all__ = ["Contexts", "LdContextNotAvailable"]

_IN_MEMORY = timedelta(seconds=60)
_MOST_IN_MEMORY = 2000
_MOST_REMOTE = 50
_IMPLICIT = uuid.UUID("6f9619ff-8b86-5011-b42d-00cf4fc964ff")
_HOSTED = re.compile(r"/ngsi-ld/v1/jsonldContexts/([0-9a-f-]{36})\Z")


@dataclass(frozen=True, slots=True)
class _Resolved:
    context: Context
    until: datetime


class Contexts:
    """Resolves contexts. What is in memory lives at most a minute: the database is what replicas agree on.

    `since` is when the built-in core context was loaded.
    """

    def __init__(self, pool: asyncpg.Pool, settings: BrokerSettings, clock: Clock = system_clock) -> None:
        self.core: Context = core_context()
        self.since = clock()
        self._pool = pool
        self._clock = clock
        self._resolved: dict[bytes, _Resolved] = {}
        self._preloaded = _read_preload(settings.context_preload)
        self._locks: dict[str, asyncio.Lock] = {}
        self._published: set[str] = set()
        self._uses: Counter[str] = Counter()
        self._downloads = ContextDownloads(
            policy=settings.egress,
            timeout_s=settings.context_timeout_s,
            limit_bytes=settings.context_limit_bytes,
            clock=clock,
        )

    async def resolve(self, source: Any) -> Context:
        """Resolve a URL, an object or a list of both, to any depth. Raises LdContextNotAvailable, BadData."""
        if isinstance(source, str) and source in CORE_URLS:
            return self.core
        key = orjson.dumps(source)
        known = self._resolved.get(key)
        now = self._clock()
        if known is None or known.until <= now:
            known = await self._resolve_anew(source, now)
            if len(self._resolved) >= _MOST_IN_MEMORY:
                self._resolved.clear()
            self._resolved[key] = known
        if isinstance(source, str):
            self._uses[source] += 1
        elif isinstance(source, list):
            self._uses.update(each for each in source if isinstance(each, str))
        return known.context

    async def _resolve_anew(self, source: Any, now: datetime) -> _Resolved:
        documents, until = await self._collect(source, now)
        context = await asyncio.to_thread(user_context, source, documents, self.core)
        return _Resolved(context, min(until, now + _IN_MEMORY))

    async def of_tenant(self, tenant: Tenant) -> Context:
        """Return the tenant's default context; the core context unless it has one."""
        return await self.resolve(tenant.default_context) if tenant.default_context else self.core

    async def publish(self, source: Any, host: str) -> str:
        """Store a context that has no URL and return one under which it can be had (5.13.1, ImplicitlyCreated)."""
        document = {"@context": source}
        context_id = str(uuid.uuid5(_IMPLICIT, orjson.dumps(document, option=orjson.OPT_SORT_KEYS).decode()))
        implicit = store.StoredContext(context_id, store.ContextKind.IMPLICIT, document, self._clock())
        if context_id not in self._published:
            async with session(self._pool) as connection:
                await store.keep_implicit(connection, implicit)
            self._published.add(context_id)
        return f"http://{host}/ngsi-ld/v1/jsonldContexts/{context_id}"

    async def reload(self, url: str) -> None:
        """Download a cached context again; the old one stays where that fails. Raises LdContextNotAvailable."""
        await self._keep(url, await self._downloads.fetch(url))
        self.forget()

    async def write_uses(self) -> None:
        """Add to the stored contexts how often they were used since (numberOfHits, 5.13.3)."""
        uses, self._uses = self._uses, Counter()
        async with session(self._pool) as connection:
            for url, number in uses.items():
                hosted = _HOSTED.search(url)
                await store.add_uses(connection, hosted[1] if hosted else url, number, self._clock())

    async def count_use(self, stored: store.StoredContext) -> None:
        """Count that a stored context was found and shown (numberOfHits, 5.13.3.5)."""
        async with session(self._pool) as connection:
            await store.count_use(connection, stored.id, self._clock())

    def forget(self) -> None:
        """Drop what is in memory."""
        self._resolved.clear()
        self._published.clear()

    async def _collect(self, source: Any, now: datetime) -> tuple[Mapping[str, Any], datetime]:
        documents: dict[str, Any] = {}
        until = now + _IN_MEMORY
        waiting = list(_remote_urls(source))
        while waiting:
            url = waiting.pop()
            if url in documents or url in CORE_URLS:
                continue
            if len(documents) >= _MOST_REMOTE:
                raise BadData(f"@context names more than {_MOST_REMOTE} other contexts", field="@context")
            found = await self._document(url, now)
            documents[url] = found.document
            until = min(until, found.expires_at)
            waiting += _remote_urls(found.document["@context"])
        return documents, until

    async def _document(self, url: str, now: datetime) -> Download:
        if url in self._preloaded:
            return Download(self._preloaded[url], now + _IN_MEMORY)
        hosted = _HOSTED.search(url)
        async with session(self._pool) as connection:
            stored = await store.by_url(connection, url, now)
            if stored is None and hosted:
                stored = await store.by_id(connection, hosted[1])
        if stored is not None:
            return Download(stored.document, stored.expires_at or now + _IN_MEMORY)
        async with self._locks.setdefault(url, asyncio.Lock()):
            try:
                return await self._download(url, now)
            finally:
                self._locks.pop(url, None)

    async def _download(self, url: str, now: datetime) -> Download:
        async with session(self._pool) as connection:
            stored = await store.by_url(connection, url, now)
        if stored is not None and stored.expires_at is not None:
            return Download(stored.document, stored.expires_at)
        downloaded = await self._downloads.fetch(url)
        _check_terms(url, downloaded.document)
        await self._keep(url, downloaded)
        return downloaded

    async def _keep(self, url: str, downloaded: Download) -> None:
        cached = store.StoredContext(
            str(uuid.uuid4()),
            store.ContextKind.CACHED,
            downloaded.document,
            self._clock(),
            url=url,
            expires_at=downloaded.expires_at,
        )
        async with session(self._pool) as connection:
            await store.keep(connection, cached)


def _check_terms(url: str, document: Any) -> None:
    terms = document["@context"]
    for each in terms if isinstance(terms, list) else [terms]:
        if not isinstance(each, dict | str):
            raise LdContextNotAvailable(f"@context {url} is not a JSON-LD context", field="@context")


def _remote_urls(source: Any) -> list[str]:
    """Return the URLs that a context names: itself, in arrays, and as `@import`. Raises BadData."""
    match without_scopes(source):
        case str(url):
            if not url.startswith(("http://", "https://")):
                raise BadData(
                    f"@context must be an http(s) URL, an object or a list of both, not '{url}'", field="@context"
                )
            return [url]
        case list(parts):
            return [url for part in parts for url in _remote_urls(part)]
        case dict(terms):
            imported = terms.get("@import")
            return [imported] if isinstance(imported, str) else []
        case None:
            return []
    raise BadData("@context must be a URL, an object or a list of both", field="@context")


def _read_preload(path: str) -> Mapping[str, Any]:
    if not path:
        return {}
    contexts = json.loads(Path(path).read_text(encoding="utf-8"))
    return {url: each if "@context" in each else {"@context": each} for url, each in contexts.items()}
