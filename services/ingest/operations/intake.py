"""Taking in measures: messages in batches become entities, are committed or parked, and only then acknowledged."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.ingest.codecs.payload import Limits, read_parts
from services.ingest.domain.arrival import Arrival, Key, Outcome
from services.ingest.domain.computation import compute
from services.ingest.domain.explicit import Kept
from services.ingest.domain.letter import DeadLetter, dead_letter
from services.ingest.domain.plan import Entity, Plan
from services.ingest.domain.refusal import MeasureRefused, Reason, Refusal
from services.ingest.operations.figures import Figures
from services.ingest.operations.inbox import Inbox
from services.ingest.operations.patience import until_stored
from services.ingest.operations.registry import NoRoute, Registry, Route
from services.ingest.operations.writing import Item, Writer
from services.ingest.store.commands import CommandStore
from services.ingest.store.letters import LetterStore

_log = logging.getLogger("hiroba.ingest")


@dataclass(frozen=True, slots=True)
class BatchRule:
    """When a batch goes, and what a message may be."""

    most: int = 200
    longest_s: float = 0.05
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True, eq=False)
class Measured:
    """One measure of a message: its entities, or why it has none.

    `announces` is the device's entity whose static attributes are among them, `own_ids` the device's entities.
    """

    arrival: Arrival
    payload: bytes
    values: Mapping[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None
    tenant: str | None = None
    route: Route | None = None
    items: Sequence[Item] = ()
    announces: str | None = None
    own_ids: frozenset[str] = frozenset()
    observed_at: str = ""

    @property
    def is_result(self) -> bool:
        """Whether this is what became of commands."""
        return self.arrival.address is not None and self.arrival.address.kind == "cmdexe"

    def final_refusal(self) -> Refusal | None:
        """Return why the measure, or one of its entities, is not in the broker."""
        return self.refusal or next((item.refusal for item in self.items if item.refusal), None)


Batch = tuple[Sequence[Arrival], Sequence[Measured]]


class Intake:
    """The stream of measures. Batches are written one after the other, so order per entity is that of arrival."""

    def __init__(
        self, registry: Registry, writer: Writer, letters: LetterStore, commands: CommandStore, figures: Figures
    ) -> None:
        self._registry = registry
        self._writer = writer
        self._letters = letters
        self._commands = commands
        self._figures = figures

    async def run(self, inbox: Inbox, rule: BatchRule) -> None:
        """Take in measures until the inbox is closed. The next batch is read while one is being written."""
        ready: asyncio.Queue[Batch | None] = asyncio.Queue(maxsize=1)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read_all(inbox, rule, ready))
            group.create_task(self._write_all(ready))

    async def _read_all(self, inbox: Inbox, rule: BatchRule, ready: "asyncio.Queue[Batch | None]") -> None:
        while arrivals := await inbox.take(rule.most, rule.longest_s):
            self._figures.waiting.set(len(inbox))
            await ready.put((arrivals, await self.prepare(arrivals, rule.limits)))
        await ready.put(None)

    async def _write_all(self, ready: "asyncio.Queue[Batch | None]") -> None:
        while batch := await ready.get():
            await self.commit(*batch)

    async def prepare(self, arrivals: Sequence[Arrival], limits: Limits) -> list[Measured]:
        """Read messages, find their devices and make their entities."""
        measured = [each for arrival in arrivals if not arrival.is_abandoned for each in _read(arrival, limits)]
        keys = {_key(each) for each in measured if each.refusal is None}
        if keys:
            routes = await until_stored(lambda: self._registry.find(keys), self._figures)
            for each in measured:
                if each.refusal is None:
                    _plan(each, routes[_key(each)])
        await self._find_tenants([each for each in measured if each.refusal and each.tenant is None])
        return measured

    async def _find_tenants(self, refused: Sequence[Measured]) -> None:
        """Note whose the refused measures are, so that their tenant sees them."""
        apikeys = {each.arrival.address.apikey for each in refused if each.arrival.address}
        if apikeys:
            tenants = await until_stored(lambda: self._registry.tenants_of(apikeys), self._figures)
            for each in refused:
                each.tenant = tenants.get(each.arrival.address.apikey) if each.arrival.address else None

    async def commit(self, arrivals: Sequence[Arrival], measured: Sequence[Measured]) -> None:
        """Write a batch, park what is refused, then settle every message, in order."""
        self._figures.batches.observe(len(arrivals))
        await self._writer.write([item for each in measured for item in each.items])
        await self._announce(measured)
        letters = [_letter(each) for each in measured if each.final_refusal() and each.arrival.source != "replay"]
        if letters:
            await until_stored(lambda: self._letters.park(letters), self._figures)
        for each in measured:
            if each.is_result and each.route is not None and each.final_refusal() is None:
                await self._settle_commands(each.route.plan, sorted(each.values))
        outcomes = _outcomes(arrivals, measured)
        for arrival, outcome in outcomes:
            arrival.settle(outcome)
        self._figures.count((arrival.source, outcome) for arrival, outcome in outcomes)

    async def _settle_commands(self, plan: Plan, names: Sequence[str]) -> None:
        place = plan.tenant, plan.path
        await until_stored(lambda: self._commands.settle(place, plan.device_id, names), self._figures)

    async def _announce(self, measured: Sequence[Measured]) -> None:
        """Write the static attributes of entities that were thought to have them and turn out to be new."""
        announced = {each.announces for each in measured if each.announces and each.final_refusal() is None}
        forgotten: dict[str, Route] = {}
        for each in measured:
            if each.route is None:
                continue
            if each.announces and each.announces not in announced:
                each.route.announced.discard(each.announces)
            created = {str(item.entity["id"]) for item in each.items if item.is_created}
            forgotten.update(dict.fromkeys(created & each.own_ids - announced, each.route))
        items = [_static_item(route, own_id) for own_id, route in forgotten.items() if route.plan.static]
        await self._writer.write(items)
        for item in items:
            identifier = str(item.entity["id"])
            if item.refusal is None:
                forgotten[identifier].announce(identifier)
            else:
                forgotten[identifier].announced.discard(identifier)


def _static_item(route: Route, own_id: str) -> Item:
    return Item(route.plan.tenant, route.plan.path, route.plan.static_entity(own_id, route.plan.explicit.always))


def _read(arrival: Arrival, limits: Limits) -> list[Measured]:
    try:
        return [Measured(arrival, part.payload, part.values) for part in read_parts(arrival, limits)]
    except MeasureRefused as error:
        return [Measured(arrival, arrival.payload, refusal=error.refusal)]


def _key(measured: Measured) -> Key:
    address = measured.arrival.address
    assert address is not None
    return address.key


def _plan(measured: Measured, route: Route | NoRoute) -> None:
    if isinstance(route, NoRoute):
        measured.refusal, measured.tenant = route.refusal, route.tenant
        return
    plan = route.plan
    measured.route, measured.tenant = route, plan.tenant
    try:
        entities, own_ids = _entities(route, measured)
    except MeasureRefused as error:
        measured.refusal = error.refusal
        return
    except Exception as error:  # whatever a payload brings about must not stop the stream
        _log.exception("A measure cannot be read")
        measured.refusal = Refusal(Reason.INGEST_FAILS, f"Ingest fails at the measure: {error!r:.200}")
        return
    measured.own_ids = own_ids
    measured.items = [Item(plan.tenant, plan.path, entity) for entity in entities]


def _entities(route: Route, measured: Measured) -> tuple[list[Entity], frozenset[str]]:
    """Return a measure's entities, and which of them are the device's own. Raises MeasureRefused."""
    plan, received_at = route.plan, measured.arrival.received_at
    if measured.is_result:
        return [plan.results(measured.values, received_at)], frozenset((plan.entity_id,))
    if not plan.is_computed:
        entities = plan.entities(measured.values, received_at)
        _announce_in(entities, 0, measured, (route, plan.entity_id, plan.explicit.always))
        return entities, frozenset((plan.entity_id,))
    entities = []
    readings = compute(plan, measured.values, received_at, route.previous)
    for reading in readings:
        entities += reading.entities
        _announce_in(entities, -len(reading.entities), measured, (route, reading.own_id, reading.kept))
    route.previous = readings[-1].context or None
    return entities, frozenset(reading.own_id for reading in readings)


def _announce_in(entities: list[Entity], at: int, measured: Measured, own: tuple[Route, str, Kept]) -> None:
    """Put the static attributes into the device's entity, if that has not been done and it is the one at `at`."""
    route, own_id, kept = own
    if own_id not in route.announced and entities[at]["id"] == own_id:
        entities[at] = {**route.plan.static_entity(own_id, kept), **entities[at]}
        measured.announces = own_id
        route.announce(own_id)


def _letter(measured: Measured) -> DeadLetter:
    refusal = measured.final_refusal()
    assert refusal is not None
    return dead_letter(measured.arrival, measured.tenant, measured.payload, refusal)


def _outcomes(arrivals: Sequence[Arrival], measured: Sequence[Measured]) -> list[tuple[Arrival, Outcome]]:
    refusals: dict[int, list[Refusal]] = {}
    accepted: dict[int, int] = {}
    for each in measured:
        refusal = each.final_refusal()
        if refusal is None:
            accepted[id(each.arrival)] = accepted.get(id(each.arrival), 0) + 1
        else:
            refusals.setdefault(id(each.arrival), []).append(refusal)
    return [(each, Outcome(accepted.get(id(each), 0), refusals.get(id(each), ()))) for each in arrivals]
