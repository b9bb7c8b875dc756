"""Taking in measures: messages in batches become entities, are committed or parked, and only then acknowledged."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.ingest.codecs.payload import AliasBook, Limits
from services.ingest.domain.arrival import Arrival, Outcome
from services.ingest.domain.letter import DeadLetter, dead_letter
from services.ingest.domain.plan import Plan
from services.ingest.domain.refusal import Reason, Refusal
from services.ingest.operations.allowance import Allowance
from services.ingest.operations.configuring import Configuring
from services.ingest.operations.figures import Figures
from services.ingest.operations.inbox import Inbox
from services.ingest.operations.lanes import Lanes
from services.ingest.operations.liveness import Liveness
from services.ingest.operations.measured import Measured, key_of, plan, read
from services.ingest.operations.patience import until_stored
from services.ingest.operations.rebirth import Rebirths
from services.ingest.operations.registry import Registry, Route
from services.ingest.operations.writing import Item
from services.ingest.store.commands import CommandStore
from services.ingest.store.letters import LetterStore
from services.kernel.metering import Kind, Meter

_METERED: Mapping[str, Kind] = {"mqtt": "mqtt_measures", "http": "http_measures", "replay": "http_measures"}
_ONE_STORED = Outcome(1)
_log = logging.getLogger("hiroba.ingest")


@dataclass(frozen=True, slots=True)
class BatchRule:
    """When a batch goes, and what a message may be."""

    most: int = 500
    longest_s: float = 0.05
    limits: Limits = field(default_factory=Limits)
    most_batches: int = 8


@dataclass(frozen=True, slots=True)
class Batch:
    """Messages that were read together; `written` is done when each of their entities is committed or refused."""

    arrivals: Sequence[Arrival]
    measured: Sequence[Measured]
    written: "asyncio.Future[None]"


class Intake:
    """The stream of measures. Several batches are written at a time; order per entity is that of arrival."""

    def __init__(
        self, registry: Registry, lanes: Lanes, letters: LetterStore, commands: CommandStore, figures: Figures
    ) -> None:
        self._registry = registry
        self._lanes = lanes
        self._letters = letters
        self._commands = commands
        self._figures = figures
        self._aliases = AliasBook()
        self.rebirths: Rebirths | None = None
        self.liveness: Liveness | None = None
        self.configuring: Configuring | None = None
        self.allowance: Allowance | None = None
        self.meter = Meter()

    async def run(self, inbox: Inbox, rule: BatchRule) -> None:
        """Take in measures until the inbox is closed. Further batches are read while others are being written."""
        ready: asyncio.Queue[Batch | None] = asyncio.Queue(maxsize=rule.most_batches)
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(self._lanes.run())
            group.create_task(self._read_all(inbox, rule, ready))
            await self._settle_all(ready)
            writing.cancel()

    async def _read_all(self, inbox: Inbox, rule: BatchRule, ready: "asyncio.Queue[Batch | None]") -> None:
        while arrivals := await inbox.take(rule.most, rule.longest_s):
            self._figures.waiting.set(len(inbox))
            measured = await self.prepare(arrivals, rule.limits)
            written = self._lanes.put([item for each in measured for item in each.items])
            await ready.put(Batch(arrivals, measured, written))
        await ready.put(None)

    async def _settle_all(self, ready: "asyncio.Queue[Batch | None]") -> None:
        while batch := await ready.get():
            await batch.written
            await self.settle(batch.arrivals, batch.measured)

    async def prepare(self, arrivals: Sequence[Arrival], limits: Limits) -> list[Measured]:
        """Read messages, find their devices and make their entities."""
        measured = [
            each for arrival in arrivals if not arrival.is_abandoned for each in read(arrival, limits, self._aliases)
        ]
        keys = {key_of(each) for each in measured if each.refusal is None}
        if keys:
            routes = await until_stored(lambda: self._registry.find(keys), self._figures)
            if self.allowance is not None:
                allowance = self.allowance
                await until_stored(lambda: allowance.hold(measured, routes), self._figures)
            for each in measured:
                if each.refusal is None:
                    plan(each, routes[key_of(each)])
        await self._find_tenants([each for each in measured if each.refusal and each.tenant is None])
        return measured

    async def _find_tenants(self, refused: Sequence[Measured]) -> None:
        """Note whose the refused measures are, so that their tenant sees them."""
        apikeys = {each.arrival.address.apikey for each in refused if each.arrival.address}
        if apikeys:
            tenants = await until_stored(lambda: self._registry.tenants_of(apikeys), self._figures)
            for each in refused:
                each.tenant = tenants.get(each.arrival.address.apikey) if each.arrival.address else None

    async def settle(self, arrivals: Sequence[Arrival], measured: Sequence[Measured]) -> None:
        """Park what is refused of a batch that is written, then settle every message, in order of arrival."""
        self._figures.batches.observe(len(arrivals))
        await self._announce(measured)
        refused = [each for each in measured if each.final_refusal() is not None]
        stored = measured if not refused else [each for each in measured if each.final_refusal() is None]
        if refused:
            await self._settle_refused(refused)
        await self._settle_stored(stored)
        outcomes = _outcomes(arrivals, stored, refused)
        for arrival, outcome in outcomes:
            arrival.settle(outcome)
        self._figures.count(outcomes)

    async def _settle_refused(self, refused: Sequence[Measured]) -> None:
        """Park what is refused, and ask for the births that were missed."""
        letters = [_letter(each) for each in refused if _is_parked(each)]
        if letters:
            await until_stored(lambda: self._letters.park(letters), self._figures)
        for each in refused:
            address = each.arrival.address
            if self.rebirths and address and each.refusal and each.refusal.reason is Reason.UNKNOWN_ALIAS:
                await self.rebirths.ask(address.apikey, address.device_id)

    async def _settle_stored(self, stored: Sequence[Measured]) -> None:
        """Note what is stored under its device and, for what it costs, its tenant; and which commands are done."""
        for each in stored:
            if each.route is None:
                continue
            plan = each.route.plan
            if self.liveness is not None:
                self.liveness.note(plan, each.arrival.received_at, each.values)
            if each.question is not None:
                if self.configuring is not None:
                    self.configuring.ask(each.question)
                continue
            self.meter.count(plan.tenant, "", _METERED[each.arrival.source])
            if each.is_result:
                await self._settle_commands(plan, sorted(each.values))

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
            for item in each.items:
                identifier = str(item.entity["id"])
                if item.is_created and identifier in each.own_ids and identifier not in announced:
                    forgotten[identifier] = each.route
        items = [_static_item(route, own_id) for own_id, route in forgotten.items() if route.plan.static]
        await self._lanes.put(items)
        for item in items:
            identifier = str(item.entity["id"])
            if item.refusal is None:
                forgotten[identifier].announce(identifier)
            else:
                forgotten[identifier].announced.discard(identifier)


def _static_item(route: Route, own_id: str) -> Item:
    return Item(route.plan.tenant, route.plan.path, route.plan.static_entity(own_id, route.plan.explicit.always))


def _letter(measured: Measured) -> DeadLetter:
    refusal = measured.final_refusal()
    assert refusal is not None
    return dead_letter(measured.arrival, measured.tenant, measured.payload, refusal)


def _is_parked(refused: Measured) -> bool:
    """Tell whether a refused measure is kept: not one that is kept already, nor one that is to be sent again."""
    source = refused.arrival.source
    is_late = refused.refusal is not None and refused.refusal.reason is Reason.TOO_MANY_MEASURES
    return source == "mqtt" or (source == "http" and not is_late)


def _is_of(measured: Measured, arrival: Arrival) -> bool:
    return measured.arrival is arrival


def _outcomes(
    arrivals: Sequence[Arrival], stored: Sequence[Measured], refused: Sequence[Measured]
) -> list[tuple[Arrival, Outcome]]:
    if not refused and len(stored) == len(arrivals) and all(map(_is_of, stored, arrivals)):  # one in each message
        return [(each, _ONE_STORED) for each in arrivals]
    refusals: dict[int, list[Refusal]] = {}
    accepted: dict[int, int] = {}
    for each in stored:
        accepted[id(each.arrival)] = accepted.get(id(each.arrival), 0) + 1
    for each in refused:
        refusal = each.final_refusal()
        if refusal is not None:
            refusals.setdefault(id(each.arrival), []).append(refusal)
    return [(each, Outcome(accepted.get(id(each), 0), refusals.get(id(each), ()))) for each in arrivals]
