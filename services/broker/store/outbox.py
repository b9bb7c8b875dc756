"""The outbox: notices that are due, the lanes that dispatchers lease, and the dead letters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

import orjson

from services.broker.domain.notice import Notice, entity_document, entity_from_document
from services.kernel.paging import Page
from services.kernel.postgres import Connection
from services.kernel.sql import load_statements

LaneKey: TypeAlias = tuple[int, str]
"""Tenant and subscription."""
_SQL = load_statements("services.broker.store", "sql/outbox.sql")


@dataclass(frozen=True, slots=True)
class Lane:
    """A subscription's lane as its dispatcher leased it."""

    tenant_id: int
    tenant_name: str
    subscription_id: str
    revision: int
    attempts: int
    fails_in_row: int
    throttle_from: datetime | None

    @property
    def key(self) -> LaneKey:
        """What identifies it."""
        return self.tenant_id, self.subscription_id


@dataclass(slots=True)
class Settlement:
    """What came of a leased lane's batch, to be stored in one go.

    `removed` are the numbers of notices that are done with (sent, dropped or parked); `parked` those that go to the
    dead letters, with the reason. `attempts` counts failures at the head of the lane.
    """

    lane: Lane
    removed: list[int] = field(default_factory=list)
    parked: dict[int, str] = field(default_factory=dict)
    retry_at: datetime | None = None
    attempts: int = 0
    throttle_from: datetime | None = None
    sent: int = 0
    failed: int = 0
    fails_in_row: int = 0
    last_notification: datetime | None = None
    last_success: datetime | None = None
    last_success_code: int | None = None
    last_failure: datetime | None = None
    last_failure_reason: str | None = None
    deactivates: bool = False

    def document(self) -> dict[str, Any]:
        """Write the lane's part as JSON."""
        names = (
            "retry_at attempts throttle_from sent failed fails_in_row last_notification last_success"
            " last_success_code last_failure last_failure_reason"
        )
        document = {name: getattr(self, name) for name in names.split()}
        return {"tenant_id": self.lane.tenant_id, "subscription_id": self.lane.subscription_id, **document}


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A notice that was given up, when and why."""

    notice: Notice
    parked_at: datetime
    reason: str


async def append(connection: Connection, tenant_id: int, notices: Sequence[tuple[str, Notice]]) -> None:
    """Store notices, each with its subscription's id, in this order and in one statement."""
    texts: dict[int, str] = {}
    rows = [
        (
            subscription_id,
            notice.kind,
            "[" + ",".join(_text(each, texts) for each in notice.entities) + "]",
            None if notice.previous is None else _text(notice.previous, texts),
            orjson.dumps(notice.touched).decode(),
            notice.correlator,
            notice.created_at,
        )
        for subscription_id, notice in notices
    ]
    await connection.execute(_SQL["append"], tenant_id, *(list(column) for column in zip(*rows, strict=True)))


def _text(entity: Any, texts: dict[int, str]) -> str:
    """Write an entity once, however many subscriptions it goes to."""
    text = texts.get(id(entity))
    if text is None:
        text = texts[id(entity)] = orjson.dumps(entity_document(entity)).decode()
    return text


async def lease(connection: Connection, owner: str, seconds: float, keys: Iterable[LaneKey]) -> list[Lane]:
    """Lease those of the lanes that nobody holds and that do not wait for their next try."""
    rows = await connection.fetch(_SQL["lease"], owner, seconds, *_columns(keys, 2))
    return [
        Lane(
            tenant_id=row["tenant_id"],
            tenant_name=row["tenant_name"],
            subscription_id=row["subscription_id"],
            revision=row["revision"],
            attempts=row["attempts"],
            fails_in_row=row["fails_in_row"],
            throttle_from=row["throttle_from"],
        )
        for row in rows
    ]


async def search(connection: Connection, after: LaneKey, limit: int) -> tuple[list[LaneKey], LaneKey | None]:
    """Look through some lanes that have something due, of any tenant_id, in order of their keys.

    Returns those that are free to be leased, and the last one seen, after which the next search begins; None where
    this was the end.
    """
    rows = await connection.fetch(_SQL["search"], *after, limit)
    found = [(row["tenant_id"], row["subscription_id"]) for row in rows]
    free = [key for key, row in zip(found, rows, strict=True) if row["is_free"]]
    return free, found[-1] if len(found) == limit else None


async def renew(connection: Connection, owner: str, seconds: float, keys: Iterable[LaneKey]) -> None:
    """Hold leases for longer."""
    tenants, subscriptions = _columns(keys, 2)
    await connection.execute(_SQL["renew"], owner, seconds, tenants, subscriptions)


async def waiting(connection: Connection, lanes: Sequence[Lane], limit: int) -> dict[LaneKey, list[Notice]]:
    """Return the first notices of each lane, in order."""
    tenants, subscriptions = _columns((lane.key for lane in lanes), 2)
    rows = await connection.fetch(_SQL["waiting"], tenants, subscriptions, limit)
    found: dict[LaneKey, list[Notice]] = {lane.key: [] for lane in lanes}
    for row in rows:
        found[row["tenant_id"], row["subscription_id"]].append(_notice(row))
    return found


async def settle(connection: Connection, owner: str, settlements: Sequence[Settlement]) -> None:
    """Store what came of lanes and give back their leases. Lanes first: deletions lock in the same order."""
    documents = [each.document() for each in sorted(settlements, key=lambda each: each.lane.key)]
    await connection.execute(_SQL["settle_lanes"], owner, documents)
    parked = [(*each.lane.key, seq, reason) for each in settlements for seq, reason in each.parked.items()]
    if parked:
        await connection.execute(_SQL["park"], *_columns(parked, 4))
    removed = [(*each.lane.key, seq) for each in settlements for seq in each.removed]
    if removed:
        await connection.execute(_SQL["remove"], *_columns(removed, 3))


async def sweep(connection: Connection) -> None:
    """Delete notices whose subscription was deleted while a writer still matched it (every tenant_id)."""
    await connection.execute(_SQL["sweep"])


async def take_due(connection: Connection, limit: int) -> list[LaneKey]:
    """Return lanes whose time interval has passed, and set the next one (every tenant_id)."""
    rows = await connection.fetch(_SQL["take_due"], limit)
    return [(row["tenant_id"], row["subscription_id"]) for row in rows]


async def health(connection: Connection, tenant_id: int, subscription_id: str) -> Mapping[str, Any] | None:
    """Return a lane's figures and its subscription's state, or None: pending, oldest, parked, counters, times."""
    found: Mapping[str, Any] | None = await connection.fetchrow(_SQL["health"], tenant_id, subscription_id)
    return found


async def all_health(connection: Connection, tenant_id: int, page: Page) -> list[Mapping[str, Any]]:
    """Return a page of a tenant's lanes, figures as in `health`."""
    return list(await connection.fetch(_SQL["all_health"], tenant_id, page.limit, page.offset))


async def dead_letters(connection: Connection, key: LaneKey, page: Page) -> list[DeadLetter]:
    """Return a page of a subscription's dead letters, oldest first."""
    rows = await connection.fetch(_SQL["dead_letters"], *key, page.limit, page.offset)
    return [DeadLetter(_notice(row), row["parked_at"], row["reason"]) for row in rows]


async def forget_dead_letters(connection: Connection, days: int) -> int:
    """Delete a portion of the dead letters (every tenant_id) that are older, and return how many."""
    done: str = await connection.execute(_SQL["forget_dead_letters"], days)
    return int(done.rpartition(" ")[2])


async def resend(connection: Connection, key: LaneKey, numbers: Sequence[int] | None) -> int:
    """Put dead letters back into the outbox, all unless `numbers` are given, and try the lane at once."""
    count = await connection.fetchval(_SQL["resend"], *key, None if numbers is None else list(numbers))
    await connection.execute(_SQL["hurry"], *key)
    return int(count)


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


def _notice(row: Mapping[str, Any]) -> Notice:
    previous = row["previous"]
    return Notice(
        kind=row["kind"],
        entities=tuple(entity_from_document(each) for each in row["entities"]),
        touched=tuple(row["touched"]),
        created_at=row["created_at"],
        previous=None if previous is None else entity_from_document(previous),
        correlator=row["correlator"],
        seq=row["seq"],
    )
