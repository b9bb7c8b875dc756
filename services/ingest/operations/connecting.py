"""Running connectors: fetch what is due, and import it if it has changed; one process runs one at a time."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from services.ingest.connectors.connector import ConnectorDocument, Schedule, retry_after
from services.ingest.connectors.fetching import Ask, Fetched, Fetcher, FetchFailed
from services.ingest.feeds.feed import Destination
from services.ingest.importing.shelf import Wanted
from services.ingest.importing.source import Reading
from services.ingest.operations.document import Sending
from services.ingest.operations.imports import Importing
from services.ingest.store.connectors import Connector, ConnectorStore
from services.ingest.store.runs import RUNNING, ImportRun, RunStore
from services.kernel.clock import Clock
from services.kernel.errors import HubError, NotAllowed, NotAuthenticated, NotFound, Unavailable
from services.kernel.seal import Seal, SealBroken

_LOOK_S = 2.0
_AT_ONCE = 4
_LONGEST_S = 31 * 86_400
IMPORTED, UNCHANGED, BUSY, FAILED = "imported", "unchanged", "busy", "failed"
_log = logging.getLogger("hiroba.ingest")


@dataclass(frozen=True, slots=True)
class ConnectorParts:
    """What running needs: the stores, and the time zone of schedules."""

    connectors: ConnectorStore
    runs: RunStore
    seal: Seal
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Pushed:
    """A document that was sent here, and the headers of its request."""

    content: bytes
    headers: Mapping[str, str]


class Connecting:
    """Runs connectors that are due."""

    def __init__(self, parts: ConnectorParts, fetcher: Fetcher, importing: Importing, clock: Clock) -> None:
        self._parts = parts
        self._fetcher = fetcher
        self._importing = importing
        self._clock = clock
        self._kicked = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()

    def kick(self) -> None:
        """Look at once for what is due."""
        self._kicked.set()

    async def run(self) -> None:
        """Run connectors as they become due; ends when it is cancelled."""
        try:
            while True:
                try:
                    await self._start_due()
                except Unavailable as error:
                    _log.warning("The database is away; connectors wait", extra={"reason": str(error)})
                self._kicked.clear()
                await _either(self._kicked, _LOOK_S)
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def take(self, name: str, tenant: str, pushed: Pushed) -> ImportRun:
        """Import a document that was sent to a connector.

        Raises NotFound, NotAllowed for a connector that takes none, NotAuthenticated for a sender that is not known,
        InvalidRequest.
        """
        found = await self._parts.connectors.find(tenant, name)
        document = ConnectorDocument.model_validate(dict(found.document))
        if document.push is None or not document.is_active:
            raise NotAllowed(f"Connector {name} takes no documents that are sent to it")
        secret = open_secrets(self._parts.seal, found.secret).get(document.push.secret, "")
        given = pushed.headers.get(document.push.header, "")
        if not secret or not document.push.is_from_sender(given, pushed.content, secret):
            raise NotAuthenticated(f"{document.push.header} does not show that the sender knows the secret")
        fetched = Fetched(pushed.content, pushed.headers.get("content-type", "").partition(";")[0])
        sending = _sending(found, document, fetched, self._clock())
        opened = await self._importing.open(sending, tenant)
        return await self._importing.begin(opened, Destination(tenant, found.path), sending)

    async def _start_due(self) -> None:
        while len(self._under_way) < _AT_ONCE:
            due = await self._parts.connectors.claim(self._clock())
            if due is None:
                return
            task = asyncio.create_task(self._work(due))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _work(self, due: Connector) -> None:
        now = self._clock()
        document = ConnectorDocument.model_validate(due.document)
        try:
            state = await self._import(due, document, now)
            failures, wait = 0, timedelta()
        except (FetchFailed, HubError, SealBroken) as error:
            words = error.detail if isinstance(error, HubError) else str(error)
            state = {**_kept(due.state), "outcome": FAILED, "error": words, "at": now.isoformat()}
            failures, wait = due.failures + 1, error.wait if isinstance(error, FetchFailed) else timedelta()
            _log.warning("A connector fails", extra={"connector": due.name, "failures": failures})
        schedule = document.schedule or Schedule(every_s=_LONGEST_S)
        regular = schedule.next_after(self._clock(), self._parts.zone)
        next_at = regular if not failures else _after_failure(schedule, regular, self._clock(), failures)
        next_at = max(next_at, self._clock() + wait)
        settled = replace(due, next_at=next_at, failures=failures, state=state)
        try:
            await self._parts.connectors.settle(settled)
        except Unavailable as error:  # its lease ends by itself
            _log.warning("How a connector fared is not stored", extra={"connector": due.name, "reason": str(error)})

    async def _import(self, due: Connector, document: ConnectorDocument, now: datetime) -> dict[str, Any]:
        """Fetch and import; return what is known then. Raises FetchFailed, HubError, SealBroken."""
        known = _kept(due.state)
        if await self._is_busy(due):
            return {**known, "outcome": BUSY, "at": now.isoformat()}
        is_asked = "is_asked" in due.state
        fetched = await self._fetch(due, document, {} if is_asked else known)
        digest = hashlib.sha256(fetched.content).hexdigest()
        if fetched.is_unchanged or (digest == known.get("digest") and not is_asked):
            return {**known, "outcome": UNCHANGED, "at": now.isoformat()}
        sending = _sending(due, document, fetched, now)
        opened = await self._importing.open(sending, due.tenant)
        run = await self._importing.begin(opened, Destination(due.tenant, due.path), sending)
        version = {"etag": fetched.etag, "last_modified": fetched.last_modified, "digest": digest}
        return {
            **version,
            "run": run.run_id,
            "outcome": IMPORTED,
            "at": now.isoformat(),
            "imported_at": now.isoformat(),
        }

    async def _is_busy(self, due: Connector) -> bool:
        if "run" not in due.state:
            return False
        try:
            return (await self._parts.runs.find(due.tenant, int(due.state["run"]))).status == RUNNING
        except NotFound:  # its report was deleted after some months
            return False

    async def _fetch(self, due: Connector, document: ConnectorDocument, known: Mapping[str, Any]) -> Fetched:
        secrets = open_secrets(self._parts.seal, due.secret)
        ask = Ask(
            document.address(secrets),
            document.filled_headers(secrets),
            str(known.get("etag", "")),
            str(known.get("last_modified", "")),
        )
        return await self._fetcher.fetch(ask)


def seal_secrets(seal: Seal, secrets: Mapping[str, str]) -> str:
    """Seal a connector's secrets; empty for none."""
    return seal.close(json.dumps(dict(secrets))) if secrets else ""


def open_secrets(seal: Seal, sealed: str) -> dict[str, str]:
    """Return a connector's secrets. Raises SealBroken."""
    found: dict[str, str] = json.loads(seal.open(sealed)) if sealed else {}
    return found


def _sending(due: Connector, document: ConnectorDocument, fetched: Fetched, now: datetime) -> Sending:
    return Sending(
        content=fetched.content,
        received_at=now,
        wanted=Wanted(document.type, document.mapping, fetched.name[:300]),
        reading=Reading(document.strict, document.encoding, document.sheet, document.datum),
        feed=document.feed,
        content_type=fetched.content_type,
        options=document.options,
        more={"connector": due.name},
    )


def _kept(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stays known of the last document that was imported."""
    return {name: state[name] for name in ("etag", "last_modified", "digest", "run", "imported_at") if name in state}


def _after_failure(schedule: Schedule, regular: datetime, now: datetime, failures: int) -> datetime:
    again = now + retry_after(failures)
    return min(again, regular) if schedule.at is not None else again


async def _either(event: asyncio.Event, longest_s: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), longest_s)
    except TimeoutError:
        return
