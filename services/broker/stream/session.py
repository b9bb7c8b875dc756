"""One reader's stream: where it begins, what it is told of the log, and when it ends."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from services.broker.domain.logged_change import LoggedChange, Place, read_place
from services.broker.domain.notice import Notice
from services.broker.domain.subscription import Subscription
from services.broker.matching.index import SubscriptionIndex
from services.broker.matching.matcher import Match, find_matches
from services.broker.operations import change_feed
from services.broker.operations.broker import Broker
from services.broker.operations.consents import notices_within
from services.broker.operations.linked import links_in
from services.broker.operations.notices import notice_of
from services.broker.stream.events import event, heartbeat
from services.broker.stream.tail import Tail
from services.kernel.errors import HubError, Unavailable

_PORTION: Final = 200
_RETRY: Final = b"retry: 2000\n\n"

Render = Callable[[LoggedChange], Awaitable[tuple[str, Any]]]
"""Makes an event's kind (empty: a plain message) and data of a change."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader asked for: which changes, as a subscription would say it, and how they look."""

    subscription: Subscription
    render: Render
    greeting: dict[str, Any]


class Session:
    """Tells one reader of one tenant's changes. `check` raises HubError once the reader may not go on."""

    def __init__(self, broker: Broker, tenant_id: int, wanted: Told, check: Callable[[], Awaitable[None]]) -> None:
        self._broker = broker
        self._tenant_id = tenant_id
        self._wanted = wanted
        self._check = check
        self._index = SubscriptionIndex((wanted.subscription,))

    async def parts(self, tail: Tail, last_id: str | None) -> AsyncGenerator[bytes]:
        """Yield the stream's text: a greeting, or what was missed since an event's id, and then what happens.

        It ends where the reader may no longer read, or the log cannot be read: the reader returns with its last id.
        """
        with contextlib.suppress(HubError):
            async for text in self._endless(tail, last_id):
                yield text

    async def _endless(self, tail: Tail, last_id: str | None) -> AsyncIterator[bytes]:
        silence_s = self._broker.settings.stream_heartbeat_s
        yield _RETRY
        while not await tail.wait_beyond(0, silence_s):
            yield b": waiting for older writes to end\n\n"
        place, opening = await self._begin(tail, last_id)
        yield opening
        checked_at = _now()
        while True:
            async for reached, text in self._told(tail, place):
                place = reached
                if text:
                    yield text
            is_silent = not await tail.wait_beyond(place.end, silence_s)
            if is_silent or _now() - checked_at > silence_s:
                with contextlib.suppress(Unavailable):
                    await self._check()
                checked_at = _now()
                yield heartbeat(place)

    async def _begin(self, tail: Tail, last_id: str | None) -> tuple[Place, bytes]:
        now = Place(tail.horizon, tail.horizon, 0)
        if last_id is None:
            return now, event(self._wanted.greeting, place=now, kind="ready")
        place = read_place(last_id)
        floor = await change_feed.floor(self._broker, self._tenant_id)
        if place is None or place.start > tail.horizon or place.start < floor:
            return now, _gap(now)
        return place, event(self._wanted.greeting, place=place, kind="ready")

    async def _told(self, tail: Tail, place: Place) -> AsyncIterator[tuple[Place, bytes]]:
        """Yield what is known beyond a place, with the place that is reached by it."""
        batches = tail.since(place.end) if place.start == place.end else None
        if batches is None:
            target = place if place.start < place.end else Place(place.end, tail.horizon, 0)
            async for reached, text in self._read(target):
                yield reached, text
            return
        for batch in batches:
            start = max(batch.start, place.end)
            told = Place(start, batch.end, 0)
            new = [each for each in batch.changes if each.xid >= start]
            for at in range(0, len(new), _PORTION):
                text = await self._text(told, new[at : at + _PORTION])
                if text:
                    yield told._replace(seq=new[min(at + _PORTION, len(new)) - 1].seq), text
        if batches:
            end = batches[-1].end
            yield Place(end, end, 0), b""

    async def _read(self, place: Place) -> AsyncIterator[tuple[Place, bytes]]:
        """Yield what the log itself has from a place to its end; what was deleted meanwhile is a gap."""
        start = place.start
        while True:
            found = await change_feed.read(self._broker, self._tenant_id, place, _PORTION)
            if await change_feed.floor(self._broker, self._tenant_id) > start:
                end = Place(place.end, place.end, 0)
                yield end, _gap(end)
                return
            if found:
                text = await self._text(place, found)
                place = place._replace(seq=found[-1].seq)
                yield place, text
            if len(found) < _PORTION:
                yield Place(place.end, place.end, 0), b""
                return

    async def _text(self, told: Place, changes: list[LoggedChange]) -> bytes:
        links = await links_in(self._broker.pool, self._tenant_id, self._index, [each.change for each in changes])
        found = ((each, find_matches(self._index, each.change, each.created_at, links)) for each in changes)
        pieces = []
        for seen in await self._seen([(each, matches[0]) for each, matches in found if matches]):
            kind, data = await self._wanted.render(seen)
            pieces.append(event(data, place=told._replace(seq=seen.seq), kind=kind))
        return b"".join(pieces)

    async def _seen(self, found: list[tuple[LoggedChange, Match]]) -> list[LoggedChange]:
        """Return what the reader may see of changes, with what persons have consented to as of now."""
        view = self._broker.view
        if view is None:
            return [logged for logged, _ in found]
        notices = [notice_of(match, logged.change, logged.created_at) for logged, match in found]
        left = await notices_within(self._broker.pool, self._tenant_id, view, notices)
        pairs = zip(found, left, strict=True)
        return [_as_told(logged, notice) for (logged, _), notice in pairs if notice is not None]


def _as_told(logged: LoggedChange, notice: Notice) -> LoggedChange:
    """Return a change as a notice tells it."""
    (entity,) = notice.entities
    after = None if logged.change.after is None else entity
    return replace(logged, change=replace(logged.change, before=notice.previous or entity, after=after))


def _now() -> float:
    return asyncio.get_running_loop().time()


def _gap(place: Place) -> bytes:
    """Write that changes were missed and the present state must be queried."""
    return event({"reason": "The changes since the last event are not kept any more"}, place=place, kind="gap")
