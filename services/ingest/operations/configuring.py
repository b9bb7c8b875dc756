"""Devices that ask for their configuration: attributes of their entities, as the city has set them (IoT agent API).

They are told once, or whenever one of the attributes changes, by `Telling`.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from services.ingest.codecs.payload import is_ultralight
from services.ingest.domain.arrival import Arrival
from services.ingest.domain.configuration import Question, read_question
from services.ingest.domain.errors import DeviceNotFound
from services.ingest.operations.profile import profile_of
from services.ingest.operations.registry import Registry
from services.ingest.operations.telling import Listener, Telling, Way
from services.ingest.sink.port import SinkAway
from services.ingest.store.groups import GroupStore
from services.ingest.store.subscriptions import SubscriptionStore
from services.kernel.errors import HubError, NotFound, Unavailable

_MOST_WAITING = 1000
_AT_ONCE = 10
_log = logging.getLogger("hiroba.ingest.commands")


def question_of(arrival: Arrival, values: Mapping[str, Any]) -> Question:
    """Read what a device asks for, given what is in its message. Raises MeasureRefused."""
    assert arrival.address is not None
    in_ultralight = is_ultralight(arrival.address, arrival.payload)
    return read_question(arrival.address.key, values, is_ultralight=in_ultralight)


class Reader(Protocol):
    """Reads an entity's attributes from the context broker."""

    async def read(self, tenant: str, entity_id: str, names: Sequence[str]) -> Mapping[str, Any]:
        """Return the values of those that it has. Raises SinkAway."""
        ...


class Configuring:
    """Answers questions, several at a time; a device that gets no answer to one over MQTT asks again."""

    def __init__(
        self, registry: Registry, groups: GroupStore, subscriptions: SubscriptionStore, reader: Reader, telling: Telling
    ) -> None:
        self._registry = registry
        self._groups = groups
        self._subscriptions = subscriptions
        self._reader = reader
        self._telling = telling
        self._waiting: asyncio.Queue[Question] = asyncio.Queue(_MOST_WAITING)

    def ask(self, question: Question) -> None:
        """Take a question that nobody waits for; where too many wait, it is left out."""
        try:
            self._waiting.put_nowait(question)
        except asyncio.QueueFull:
            _log.warning("Too many devices ask for their configuration", extra={"device": question.key[1]})

    async def run(self) -> None:
        """Answer until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(self._answer_all())

    async def answer(self, question: Question, way: Way | None = None) -> None:
        """Tell a device what it asks for, by its transport unless `way` says how, or note its subscription.

        Raises DeviceNotFound, EndpointNotFound, DeviceFails, Conflict, Unavailable.
        """
        device = await self._registry.device(question.key)
        if device is None:
            raise DeviceNotFound(f"No device was found with id: {question.key[1]}")
        if question.kind == "subscription":
            if question.fields:
                await self._subscriptions.add(device, question)
            else:
                await self._subscriptions.clear(device)
            return
        profile = await profile_of(self._groups, device)
        try:
            found = await self._reader.read(device.tenant, profile.entity_id, question.fields)
        except SinkAway as error:
            raise Unavailable(str(error)) from error
        told = {name: found[name] for name in question.fields if name in found}
        await self._telling.tell(Listener(profile, question.key, question.is_ultralight), told, way)

    async def notify(self, tenant: str, subscription_id: int, values: Mapping[str, Any]) -> None:
        """Tell the device of a subscription what has changed. Raises NotFound, EndpointNotFound, DeviceFails."""
        found = await self._subscriptions.find(tenant, subscription_id)
        if found is None:
            raise NotFound("The device's subscription does not exist")
        device, subscription = found
        told = {name: values[name] for name in subscription.fields if name in values}
        profile = await profile_of(self._groups, device)
        await self._telling.tell(Listener(profile, subscription.key, subscription.is_ultralight), told)

    async def _answer_all(self) -> None:
        while True:
            question = await self._waiting.get()
            try:
                await self.answer(question)
            except HubError as error:
                words = {"device": question.key[1], "reason": str(error)}
                _log.warning("A device's configuration cannot be told", extra=words)
