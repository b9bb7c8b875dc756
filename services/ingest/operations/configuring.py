"""Devices that ask for their configuration: attributes of their entity, as the city has set them.

`{"type": "configuration", "fields": ["interval"]}` on `…/configuration/commands` is answered with
`{"interval": 60, "dt": "20260820T004000Z"}` on `/<apikey>/<device>/configuration/values` (IoT agent API).
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from services.ingest.domain.plan import Plan
from services.ingest.domain.refusal import MeasureRefused, Reason
from services.ingest.operations.courier import Publisher
from services.ingest.sink.port import SinkAway
from services.kernel.clock import Clock

_MOST_WAITING = 1000
_MOST_FIELDS = 100
_KIND = "configuration"
_log = logging.getLogger("hiroba.ingest.commands")


@dataclass(frozen=True, slots=True)
class Question:
    """Which attributes of its entity a device asks for."""

    tenant: str
    entity_id: str
    topic: str
    fields: Sequence[str]


class Reader(Protocol):
    """Reads an entity's attributes from the context broker."""

    async def read(self, tenant: str, entity_id: str, names: Sequence[str]) -> Mapping[str, Any]:
        """Return the values of those that it has. Raises SinkAway."""
        ...


def read_question(plan: Plan, apikey: str, values: Mapping[str, Any]) -> Question:
    """Read what a device asks for. Raises MeasureRefused."""
    fields = values.get("fields")
    if values.get("type") != _KIND:
        words = f"type must be {_KIND}, not {values.get('type')!r:.40}: configuration is told when it is asked for"
        raise MeasureRefused(Reason.NOT_A_MEASURE, words)
    if not isinstance(fields, list) or not 0 < len(fields) <= _MOST_FIELDS:
        raise MeasureRefused(Reason.NOT_A_MEASURE, f"fields must be a list of 1 to {_MOST_FIELDS} names")
    if not all(isinstance(each, str) and each for each in fields):
        raise MeasureRefused(Reason.NOT_A_MEASURE, "fields must be names of attributes")
    return Question(plan.tenant, plan.entity_id, f"/{apikey}/{plan.device_id}/configuration/values", fields)


class Configuring:
    """Answers questions one after the other; a device that gets no answer asks again."""

    def __init__(self, reader: Reader, publisher: Publisher, clock: Clock) -> None:
        self._reader = reader
        self._publisher = publisher
        self._clock = clock
        self._waiting: asyncio.Queue[Question] = asyncio.Queue(_MOST_WAITING)

    def ask(self, question: Question) -> None:
        """Take a question; where too many wait, it is left out."""
        try:
            self._waiting.put_nowait(question)
        except asyncio.QueueFull:
            _log.warning("Too many devices ask for their configuration", extra={"entity": question.entity_id})

    async def run(self) -> None:
        """Answer until cancelled."""
        while True:
            question = await self._waiting.get()
            try:
                values = await self._reader.read(question.tenant, question.entity_id, question.fields)
                answer = {**values, "dt": f"{self._clock():%Y%m%dT%H%M%SZ}"}
                await self._publisher.publish(question.topic, orjson.dumps(answer), 1, retain=False)
            except (OSError, SinkAway, ValueError) as error:
                words = {"entity": question.entity_id, "reason": str(error)}
                _log.warning("A device's configuration cannot be told", extra=words)
