"""The MQTT connection: a persistent session that acknowledges only what is settled, and comes back by itself."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from services.ingest.codecs.topic import FILTERS, read_topic
from services.ingest.domain.arrival import Address, Arrival, Outcome
from services.ingest.domain.refusal import MeasureRefused
from services.ingest.operations.figures import Figures
from services.ingest.operations.inbox import Inbox
from services.kernel.clock import Clock

_KEEPALIVE_S = 30
_SESSION_EXPIRY_S = 0xFFFFFFFF  # never
_MOST_WAITING_QOS_0 = 10_000
_UNSUPPORTED_VERSION = 132
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_log = logging.getLogger("hiroba.ingest.mqtt")


@dataclass(frozen=True, slots=True)
class MqttTarget:
    """Which broker, and as whom."""

    url: str
    client_id: str
    receive_maximum: int = 1000
    ca_file: str = ""


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
        self._is_refused = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there and measures come in."""
        return self._is_connected

    async def run(self) -> None:
        """Receive until cancelled."""
        version = MQTTProtocolVersion.MQTTv5
        while True:
            self._is_refused.clear()
            client = self._client(version)
            client.loop_start()
            try:
                await self._is_refused.wait()
            finally:
                self._connection += 1
                self._note(is_connected=False)
                await asyncio.to_thread(_stop, client)
            _log.info("The MQTT broker does not speak MQTT 5; trying 3.1.1")
            version = MQTTProtocolVersion.MQTTv311

    def _client(self, version: MQTTProtocolVersion) -> paho.Client:
        target = self._target
        parts = urlsplit(target.url)
        is_five = version is MQTTProtocolVersion.MQTTv5
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=target.client_id,
            clean_session=None if is_five else False,
            protocol=version,
            manual_ack=True,
        )
        if parts.username:
            client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        if parts.scheme == "mqtts":
            client.tls_set_context(ssl.create_default_context(cafile=target.ca_file or None))
        client.reconnect_delay_set(min_delay=1, max_delay=10)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        session: dict[str, Any] = {}
        if is_five:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = _SESSION_EXPIRY_S
            properties.ReceiveMaximum = target.receive_maximum
            session = {"clean_start": False, "properties": properties}
        port = parts.port or _PORTS[parts.scheme]
        client.connect_async(parts.hostname or "", port, keepalive=_KEEPALIVE_S, **session)
        return client

    def _on_connect(
        self, client: paho.Client, _: object, flags: paho.ConnectFlags, reason: ReasonCode, *more: object
    ) -> None:
        if reason.is_failure:
            _log.warning("The MQTT broker refuses the connection", extra={"reason": str(reason)})
            if reason.value == _UNSUPPORTED_VERSION and client.protocol is MQTTProtocolVersion.MQTTv5:
                self._loop.call_soon_threadsafe(self._is_refused.set)
            return
        self._connection += 1
        if client.protocol is MQTTProtocolVersion.MQTTv5:
            client.subscribe([(name, SubscribeOptions(qos=1, retainHandling=1)) for name in FILTERS])
        else:
            client.subscribe([(name, 1) for name in FILTERS])
        _log.info("The MQTT broker is there", extra={"session_present": flags.session_present})

    def _on_subscribe(self, client: paho.Client, _: object, mid: int, reasons: list[ReasonCode], *more: object) -> None:
        refused = [name for name, reason in zip(FILTERS, reasons, strict=False) if reason.is_failure]
        if refused:
            _log.error("The MQTT broker refuses subscriptions", extra={"filters": refused})
        self._note(is_connected=not refused)

    def _on_disconnect(self, client: paho.Client, _: object, flags: object, reason: ReasonCode, *more: object) -> None:
        self._note(is_connected=False)
        if reason.is_failure:
            _log.warning("The MQTT broker is gone; trying to come back", extra={"reason": str(reason)})

    def _note(self, *, is_connected: bool) -> None:
        self._is_connected = is_connected
        self._figures.connected.set(is_connected)

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


def _read(message: paho.MQTTMessage) -> tuple[str, Address | None]:
    try:
        topic = message.topic
    except UnicodeDecodeError:
        return "(not UTF-8)", None
    with contextlib.suppress(MeasureRefused):
        return topic, read_topic(topic)
    return topic, None


def _stop(client: paho.Client) -> None:
    client.disconnect()
    client.loop_stop()


def _nothing(_: Outcome) -> None:
    """Acknowledge a message of QoS 0: there is nothing to send."""
