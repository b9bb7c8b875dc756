"""The receiver of measures: a persistent session that acknowledges only what is settled, and comes back by itself."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import paho.mqtt.client as paho

from services.ingest.codecs.thingsboard import parted
from services.ingest.codecs.topic import is_command, read_topic
from services.ingest.domain.arrival import Address, Arrival, Outcome
from services.ingest.domain.refusal import MeasureRefused
from services.ingest.mqtt.connection import Connection
from services.ingest.mqtt.target import MqttTarget
from services.ingest.operations.figures import Figures
from services.ingest.operations.inbox import Inbox
from services.kernel.clock import Clock

_MOST_WAITING_QOS_0 = 10_000
_SHORTEST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 5.0
_log = logging.getLogger("hiroba.ingest.mqtt")


class Turn(Protocol):
    """Whose turn it is to hold the session."""

    async def wait(self) -> None:
        """Return when it is ours."""
        ...

    async def lost(self) -> None:
        """Return when it is another's."""
        ...


class AlwaysOurs:
    """The turn of a process that shares its subscriptions, and its session with nobody."""

    async def wait(self) -> None:
        """Return at once."""

    async def lost(self) -> None:
        """Never return."""
        await asyncio.get_running_loop().create_future()


class MqttReceiver:
    """Receives measures with QoS 1 and hands them to the inbox, in order, while it is this process's turn.

    PUBACK is sent when a message is settled, by the connection it came on: after a reconnection the broker sends what
    it has no PUBACK for once more.
    """

    def __init__(self, target: MqttTarget, inbox: Inbox, clock: Clock, figures: Figures) -> None:
        self._target = target
        self._inbox = inbox
        self._clock = clock
        self._figures = figures
        self._connection: Connection | None = None
        self._is_connected = False
        self.turn: Turn = AlwaysOurs()

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there and has taken the subscriptions."""
        return self._is_connected

    async def run(self) -> None:
        """Receive until cancelled."""
        pause_s = _SHORTEST_PAUSE_S
        try:
            while True:
                await self.turn.wait()
                try:
                    connection = await self._open()
                    pause_s = _SHORTEST_PAUSE_S
                    reason = await self._end_of(connection)
                except (OSError, ValueError) as error:
                    reason = str(error)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                self._leave()
                _log.warning("The MQTT broker is not there; trying to come back", extra={"reason": reason})
                await asyncio.sleep(pause_s * random.uniform(0.7, 1))  # noqa: S311
        finally:
            self._leave()

    async def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> None:
        """Publish and return when the MQTT broker has the message. Raises OSError where it has not in time."""
        if self._connection is None or not self._is_connected:
            raise OSError("The MQTT broker is away")
        await self._connection.publish(topic, payload, qos, retain=retain)

    async def _end_of(self, connection: Connection) -> str:
        """Return why a connection has ended, or has to."""
        lost = asyncio.ensure_future(self.turn.lost())
        try:
            ends: list[asyncio.Future[Any]] = [connection.closed, lost]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            return connection.closed.result() if connection.closed.done() else "Another replica is active"
        finally:
            lost.cancel()

    async def _open(self) -> Connection:
        """Connect and subscribe. Raises OSError where the broker is away or refuses us."""
        opened = self._connection = await self._target.open(self._take)
        welcome = await opened.welcome()
        if welcome.reason.is_failure:
            raise OSError(f"The MQTT broker refuses the connection: {welcome.reason}")
        filters = self._target.filters()
        reasons = await opened.subscribe(filters)
        refused = [name for name, reason in zip(filters, reasons, strict=False) if reason.is_failure]
        if refused:
            _log.error("The MQTT broker refuses subscriptions", extra={"filters": refused})
        fields = {"session_present": welcome.is_session_present, "version": self._target.version}
        _log.info("The MQTT broker is there", extra=fields)
        self._note(is_connected=not refused)
        return opened

    def _take(self, connection: Connection, messages: Sequence[paho.MQTTMessage]) -> None:
        now, put = self._clock(), self._inbox.put
        for message in messages:
            if message.qos == 0 and len(self._inbox) >= _MOST_WAITING_QOS_0:
                self._figures.dropped.inc()
                continue
            topic, address = _read(message)
            if address is None and is_command(topic):
                connection.acknowledge(message)
                continue
            settle = _acknowledging(connection, message) if message.qos else _nothing
            arrival = Arrival("mqtt", topic, address, bytes(message.payload), now, settle)
            for each in parted(arrival) if address and address.protocol == "thingsboard" else (arrival,):
                put(each)

    def _leave(self) -> None:
        self._note(is_connected=False)
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close("Ingest leaves")

    def _note(self, *, is_connected: bool) -> None:
        self._is_connected = is_connected
        self._figures.connected.set(is_connected)


def _acknowledging(connection: Connection, message: paho.MQTTMessage) -> Callable[[Outcome], None]:
    """Return what acknowledges a message."""
    return lambda _: connection.acknowledge(message)


def _read(message: paho.MQTTMessage) -> tuple[str, Address | None]:
    try:
        topic = message.topic
    except UnicodeDecodeError:
        return "(not UTF-8)", None
    with contextlib.suppress(MeasureRefused):
        return topic, read_topic(topic)
    return topic, None


def _nothing(_: Outcome) -> None:
    """Acknowledge a message of QoS 0: there is nothing to send."""
