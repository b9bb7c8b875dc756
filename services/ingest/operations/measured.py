"""What becomes of one measure: read, planned as entities, each written once."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any

from services.ingest.codecs.payload import AliasBook, Limits, Part, read_parts
from services.ingest.domain.arrival import Arrival, Key
from services.ingest.domain.attribute import TIME_NAME
from services.ingest.domain.computation import compute
from services.ingest.domain.configuration import Question
from services.ingest.domain.explicit import Kept
from services.ingest.domain.identity import identity_of
from services.ingest.domain.instant import read_instant
from services.ingest.domain.plan import Entity, Plan
from services.ingest.domain.refusal import MeasureRefused, Reason, Refusal
from services.ingest.operations.configuring import question_of
from services.ingest.operations.registry import NoRoute, Route
from services.ingest.operations.writing import Item
from services.kernel.errors import HubError

_NAMES = ("id", "type")
_log = logging.getLogger("hiroba.ingest")


@dataclass(slots=True, eq=False)
class Measured:
    """One measure of a message: its entities, or why it has none.

    `announces` is the device's entity whose static attributes are among them, `own_ids` the device's entities.
    """

    arrival: Arrival
    payload: bytes
    values: Mapping[str, Any] = field(default_factory=dict)
    told_identity: str = ""
    refusal: Refusal | None = None
    tenant: str | None = None
    route: Route | None = None
    items: Sequence[Item] = ()
    announces: str | None = None
    own_ids: frozenset[str] = frozenset()
    question: Question | None = None

    @property
    def is_result(self) -> bool:
        """Whether this is what became of commands."""
        return self.arrival.address is not None and self.arrival.address.kind == "cmdexe"

    @property
    def is_question(self) -> bool:
        """Whether a device asks for its configuration."""
        return self.arrival.address is not None and self.arrival.address.kind == "configuration"

    def final_refusal(self) -> Refusal | None:
        """Return why the measure, or one of its entities, is not in the broker."""
        if self.refusal is not None:
            return self.refusal
        for item in self.items:
            if item.refusal is not None:
                return item.refusal
        return None


def read(arrival: Arrival, limits: Limits, aliases: AliasBook) -> list[Measured]:
    """Read the measures of a message, those that tell their times in the order of these."""
    try:
        measured = [
            Measured(_of_device(arrival, part), part.payload, part.values, part.identity)
            for part in read_parts(arrival, limits, aliases)
        ]
    except MeasureRefused as error:
        return [Measured(arrival, arrival.payload, refusal=error.refusal)]
    return _in_order(measured) if len(measured) > 1 else measured


def _of_device(arrival: Arrival, part: Part) -> Arrival:
    """Return the message as that of the device that a measure is of, where another sent it."""
    if part.device_id is None or arrival.address is None:
        return arrival
    return replace(arrival, address=replace(arrival.address, device_id=part.device_id))


def _in_order(measured: list[Measured]) -> list[Measured]:
    try:
        return sorted(measured, key=lambda each: read_instant(each.values[TIME_NAME], UTC).rstrip("Z"))
    except (MeasureRefused, KeyError):
        return measured


def key_of(measured: Measured) -> Key:
    """Return how the device of a measure names itself."""
    address = measured.arrival.address
    assert address is not None
    return address.key


def plan(measured: Measured, route: Route | NoRoute) -> None:
    """Make a measure's entities, or note why it has none."""
    if isinstance(route, NoRoute):
        measured.refusal, measured.tenant = route.refusal, route.tenant
        return
    device = route.plan
    measured.route, measured.tenant = route, device.tenant
    try:
        if measured.is_question:
            measured.question = question_of(measured.arrival, measured.values)
            return
        entities, own_ids = _decoded(route, measured)
    except MeasureRefused as error:
        measured.refusal = error.refusal
        return
    except Exception as error:  # whatever a payload brings about must not stop the stream
        _log.exception("A measure cannot be read")
        measured.refusal = Refusal(Reason.INGEST_FAILS, f"Ingest fails at the measure: {error!r:.200}")
        return
    measured.own_ids = own_ids
    key = _identity(measured, device)
    items = [Item(device.tenant, device.path, entities[0], key)]
    for place in range(1, len(entities)):
        items.append(Item(device.tenant, device.path, entities[place], f"{key}{place}" if key else ""))  # noqa: PERF401
    measured.items = [*measured.items, *items] if measured.items else items
    if measured.arrival.principal is not None:
        _refuse_ungranted(measured, device)


def _refuse_ungranted(measured: Measured, plan: Plan) -> None:
    """Refuse a measure as a whole if who presented a credential may not write each of its entities."""
    principal = measured.arrival.principal
    assert principal is not None
    types = dict.fromkeys(kind for item in measured.items for kind in _types(item.entity))
    try:
        principal.require("write", plan.tenant, (plan.path,), types)
    except HubError as error:
        measured.refusal = Refusal(Reason.NOT_GRANTED, f"type: {error.detail}")
        measured.items = ()


def _types(entity: Mapping[str, Any]) -> Sequence[str]:
    return entity["type"] if isinstance(entity["type"], list) else [entity["type"]]


def _identity(measured: Measured, plan: Plan) -> str:
    """Return what tells a measure from all others; nothing where nothing does, or where it is a result."""
    address = measured.arrival.address
    if address is None or measured.is_result:
        return ""
    if measured.told_identity:
        return identity_of(address, measured.told_identity.encode())
    return identity_of(address, measured.payload) if plan.is_identified(measured.values) else ""


def _decoded(route: Route, measured: Measured) -> tuple[list[Entity], frozenset[str]]:
    """Return a measure's entities, after its device's decoder, if it has one. Raises MeasureRefused."""
    if route.decoder is None or measured.is_result:
        return _entities(route, measured)
    entities: list[Entity] = []
    own_ids: frozenset[str] = frozenset()
    for values in route.decoder.decode(measured.values, measured.arrival.received_at):
        measured.values = values
        more, own = _entities(route, measured)
        entities, own_ids = entities + more, own_ids | own
    if not entities:
        raise MeasureRefused(Reason.EMPTY_MEASURE, "The decoder makes no measure of the message")
    return entities, own_ids


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
    """Add the static attributes to the device's entity, if that has not been done and it is the one at `at`.

    They go before a measure that may be a repeat, since the broker would leave them out with it.
    """
    route, own_id, kept = own
    if own_id in route.announced or entities[at]["id"] != own_id:
        return
    plan = route.plan
    static = plan.static_entity(own_id, kept)
    if not _identity(measured, plan):
        entities[at] = {**static, **entities[at]}
    elif len(static) > len(_NAMES):
        measured.items = [*measured.items, Item(plan.tenant, plan.path, static)]
    measured.announces = own_id
    route.announce(own_id)
