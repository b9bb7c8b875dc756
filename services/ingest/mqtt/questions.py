"""Asking devices over MQTT, on a connection of its own: answers come to who asks, and nobody keeps them."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import paho.mqtt.client as paho

from services.ingest.codecs.payload import AliasBook, Limits, read_parts
from services.ingest.codecs.topic import ANSWERS, read_topic
from services.ingest.domain.arrival import Arrival, Key, Outcome
from services.ingest.domain.refusal import MeasureRefused
from services.ingest.mqtt.connection import Connection
from services.ingest.mqtt.target import MqttTarget
from services.kernel.clock import Clock

_KIND = "lazy"


@dataclass(slots=True, eq=False)
class _Awaited:
    """What a device was asked for, what it has answered, and whether that is all."""

    keys: frozenset[str]
    values: dict[str, Any] = field(default_factory=dict)
    is_done: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, values: Mapping[str, Any]) -> None:
        self.values.update({name: value for name, value in values.items() if value is not None})
        if self.keys <= self.values.keys():
            self.is_done.set()


class MqttQuestions:
    """Asks devices; the connection is made with the first question, in every replica that is asked."""

    def __init__(self, target: MqttTarget, limits: Limits, clock: Clock, timeout_s: float) -> None:
        name = f"{target.client_id}-lazy-{uuid.uuid4().hex[:8]}"
        self._target = replace(target, client_id=name, is_kept=False)
        self._limits = limits
        self._clock = clock
        self._timeout_s = timeout_s
        self._connection: Connection | None = None
        self._opening = asyncio.Lock()
        self._awaited: dict[Key, list[_Awaited]] = {}

    async def ask(self, key: Key, keys: Sequence[str], *, is_ultralight: bool) -> Mapping[str, Any]:
        """Return what a device has answered in time, perhaps nothing. Raises OSError where the broker is away."""
        apikey, device_id = key
        question = orjson.dumps({"type": _KIND, "fields": list(keys)})
        if is_ultralight:
            question = "|".join((f"{device_id}@{_KIND}", *keys)).encode()
        awaited = _Awaited(frozenset(keys))
        asked = self._awaited.setdefault(key, [])
        asked.append(awaited)
        try:
            async with asyncio.timeout(self._timeout_s):
                connection = await self._connected()
                await connection.publish(f"/{apikey}/{device_id}/{_KIND}/commands", question, 1, retain=False)
                await awaited.is_done.wait()
        except TimeoutError:
            return awaited.values
        finally:
            asked.remove(awaited)
            if not asked:
                self._awaited.pop(key, None)
        return awaited.values

    def close(self) -> None:
        """Leave the MQTT broker."""
        if self._connection is not None:
            self._connection.close("Ingest leaves")

    async def _connected(self) -> Connection:
        async with self._opening:
            if self._connection is None or self._connection.closed.done():
                self._connection = await self._open()
            return self._connection

    async def _open(self) -> Connection:
        connection = await self._target.open(self._take)
        try:
            await _listen(connection)
        except BaseException:
            connection.close("No answers would be heard")
            raise
        return connection

    def _take(self, connection: Connection, messages: Sequence[paho.MQTTMessage]) -> None:
        for message in messages:
            connection.acknowledge(message)
            try:
                address = read_topic(message.topic)
                arrival = Arrival("mqtt", message.topic, address, bytes(message.payload), self._clock(), _settled)
                parts = read_parts(arrival, self._limits, AliasBook())
            except (MeasureRefused, UnicodeDecodeError):
                continue  # no answer to anybody; who asks waits for another until its time is over
            for awaited in self._awaited.get(address.key, ()):
                awaited.take({key: value for part in parts for key, value in part.values.items()})


async def _listen(connection: Connection) -> None:
    """Subscribe to the answers. Raises OSError where the broker refuses."""
    welcome = await connection.welcome()
    reasons = [] if welcome.reason.is_failure else await connection.subscribe(ANSWERS)
    if not reasons or any(each.is_failure for each in reasons):
        raise OSError(f"The MQTT broker does not let ingest hear answers: {welcome.reason}")


def _settled(_: Outcome) -> None:
    """Acknowledge nothing: an answer is not stored."""
