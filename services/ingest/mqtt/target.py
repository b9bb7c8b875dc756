"""Which MQTT broker, as whom, and in which version of the protocol."""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

_KEEPALIVE_S = 30
_SESSION_EXPIRY_S = 0xFFFFFFFF  # never
_UNSUPPORTED_VERSION = 132
_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class MqttTarget:
    """The broker's URL and the name of our session there."""

    url: str
    client_id: str
    receive_maximum: int = 1000
    ca_file: str = ""

    def client(self, version: MQTTProtocolVersion) -> paho.Client:
        """Make the client of the persistent session; it acknowledges nothing by itself."""
        return self._client(version, self.client_id, is_clean=False)

    def connect(self, client: paho.Client, version: MQTTProtocolVersion) -> None:
        """Start to connect, as soon as the broker is there, and come back after every loss."""
        session: dict[str, Any] = {}
        if version is MQTTProtocolVersion.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = _SESSION_EXPIRY_S
            properties.ReceiveMaximum = self.receive_maximum
            session = {"clean_start": False, "properties": properties}
        self._start(client, session)

    async def find_version(self) -> MQTTProtocolVersion:
        """Ask the broker whether it speaks MQTT 5, as soon as it is there; 3.1.1 is what is left.

        The question has no properties: a broker of 3.1.1 that cannot read them would never answer.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[MQTTProtocolVersion] = loop.create_future()

        def settle(version: MQTTProtocolVersion) -> None:
            if not answer.done():
                answer.set_result(version)

        def on_connect(_: paho.Client, __: object, ___: object, reason: ReasonCode, *____: object) -> None:
            is_old = reason.value == _UNSUPPORTED_VERSION
            version = MQTTProtocolVersion.MQTTv311 if is_old else MQTTProtocolVersion.MQTTv5
            loop.call_soon_threadsafe(settle, version)

        def on_disconnect(*_: object) -> None:
            loop.call_soon_threadsafe(settle, MQTTProtocolVersion.MQTTv311)

        client = self._client(MQTTProtocolVersion.MQTTv5, f"{self.client_id}-asks", is_clean=True)
        client.on_connect, client.on_disconnect = on_connect, on_disconnect
        self._start(client, {"clean_start": True})
        try:
            return await answer
        finally:
            await stop(client)

    def _client(self, version: MQTTProtocolVersion, client_id: str, *, is_clean: bool) -> paho.Client:
        parts = urlsplit(self.url)
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=None if version is MQTTProtocolVersion.MQTTv5 else is_clean,
            protocol=version,
            manual_ack=True,
        )
        if parts.username:
            client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        if parts.scheme == "mqtts":
            client.tls_set_context(ssl.create_default_context(cafile=self.ca_file or None))
        client.reconnect_delay_set(min_delay=1, max_delay=5)
        return client

    def _start(self, client: paho.Client, session: dict[str, Any]) -> None:
        parts = urlsplit(self.url)
        port = parts.port or _PORTS[parts.scheme]
        client.connect_async(parts.hostname or "", port, keepalive=_KEEPALIVE_S, **session)
        client.loop_start()


async def stop(client: paho.Client) -> None:
    """Leave the broker and end the client's thread."""
    client.disconnect()
    await asyncio.to_thread(client.loop_stop)
