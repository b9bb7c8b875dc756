"""The MQTT connection: a persistent session that acknowledges only what is settled, and comes back by itself."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from services.ingest.codecs.topic import FILTERS, read_topic
from services.ingest.domain.arrival import Address, Arrival, Outcome
from services.ingest.domain.refusal import MeasureRefused
from services.ingest.mqtt.target import MqttTarget, stop
from services.ingest.operations.figures import Figures
from services.ingest.operations.inbox import Inbox
from services.kernel.clock import Clock

_MOST_WAITING_QOS_0 = 10_000
_PUBLISH_S = 10
_log = logging.getLogger("hiroba.ingest.mqtt")


class MqttReceiver:
    """Receives measures with QoS 1 and hands them to the inbox, in order.

    MQTT 5 where the broker speaks it, 3.1.1 otherwise. PUBACK is sent when a message is settled, by the
    connection it came on: after a reconnection the broker sends what it has no PUBACK for once more.
    """

    def __init__(self, target: MqttTarget, inbox: Inbox, clock: Clock, figures: Figures) -> None:
        self._target = target
        self._inbox = inbox
        self._clock = clock
        self._figures = figures
        self._connection = 0
        self._is_connected = False
        self._client: paho.Client | None = None

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there and has taken the subscriptions."""
        return self._is_connected

    async def run(self) -> None:
        """Receive until cancelled."""
        version = await self._target.find_version()
        client = self._client = self._target.client(version)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        self._target.connect(client, version)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self._connection += 1
            self._note(is_connected=False)
            await stop(client)

    async def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> None:
        """Publish and return when the MQTT broker has the message. Raises OSError where it has not in time."""
        client = self._client
        if client is None or not self._is_connected:
            raise OSError("The MQTT broker is away")
        info = client.publish(topic, payload, qos, retain)
        try:
            await asyncio.to_thread(info.wait_for_publish, _PUBLISH_S)
        except (RuntimeError, ValueError) as error:
            raise OSError(f"The MQTT broker does not take a message: {error}") from error
        if not info.is_published():
            raise OSError("The MQTT broker does not take a message in time")

    def _on_connect(
        self, client: paho.Client, _: object, flags: paho.ConnectFlags, reason: ReasonCode, *more: object
    ) -> None:
        if reason.is_failure:
            _log.warning("The MQTT broker refuses the connection", extra={"reason": str(reason)})
            return
        self._connection += 1
        if client.protocol is MQTTProtocolVersion.MQTTv5:
            client.subscribe([(name, SubscribeOptions(qos=1, retainHandling=1)) for name in FILTERS])
        else:
            client.subscribe([(name, 1) for name in FILTERS])
        fields = {"session_present": flags.session_present, "version": client.protocol.name}
        _log.info("The MQTT broker is there", extra=fields)

    def _on_subscribe(self, client: paho.Client, _: object, mid: int, reasons: list[ReasonCode], *more: object) -> None:
        refused = [name for name, reason in zip(FILTERS, reasons, strict=False) if reason.is_failure]
        if refused:
            _log.error("The MQTT broker refuses subscriptions", extra={"filters": refused})
        self._note(is_connected=not refused)

    def _on_disconnect(self, client: paho.Client, _: object, flags: object, reason: ReasonCode, *more: object) -> None:
        self._note(is_connected=False)
        if reason.is_failure:
            _log.warning("The MQTT broker is gone; trying to come back", extra={"reason": str(reason)})

    def _on_message(self, client: paho.Client, _: object, message: paho.MQTTMessage) -> None:
        if message.qos == 0 and len(self._inbox) >= _MOST_WAITING_QOS_0:
            self._figures.dropped.inc()
            return
        topic, address = _read(message)
        settle = self._acknowledgement(client, message) if message.qos else _nothing
        self._inbox.put(Arrival("mqtt", topic, address, bytes(message.payload), self._clock(), settle))

    def _acknowledgement(self, client: paho.Client, message: paho.MQTTMessage) -> Callable[[Outcome], None]:
        connection = self._connection
        mid, qos = message.mid, message.qos

        def acknowledge(_: Outcome) -> None:
            if connection == self._connection:
                client.ack(mid, qos)

        return acknowledge

    def _note(self, *, is_connected: bool) -> None:
        self._is_connected = is_connected
        self._figures.connected.set(is_connected)


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
