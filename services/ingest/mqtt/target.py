"""Which MQTT broker, as whom, and in which version of the protocol: 3.1.1, which costs paho half of 5, or 5."""

import asyncio
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from services.ingest.codecs.topic import FILTERS
from services.ingest.mqtt.connection import Connection, Taking

_KEEPALIVE_S = 30
_NEVER = 0xFFFFFFFF
"""Session expiry: the broker keeps the session."""
_MOST_IN_FLIGHT = 1000
_CONNECT_S = 15.0
_VERSIONS = {"3.1.1": MQTTProtocolVersion.MQTTv311, "5": MQTTProtocolVersion.MQTTv5}
_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class MqttTarget:
    """The broker's URL, the name of our session there, and what vouches for the broker and for us.

    A session that is not `is_kept` ends with its connection.
    """

    url: str
    client_id: str
    receive_maximum: int = 2000
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""
    share: str = ""
    version: str = "3.1.1"
    is_kept: bool = True

    @property
    def is_shared(self) -> bool:
        """Whether several processes take in measures at a time, each with a session of its own."""
        return bool(self.share)

    def filters(self) -> tuple[str, ...]:
        """Return what is subscribed to: with `share` as one of the group of that name (MQTT 5.0, 4.8.2)."""
        return tuple(f"$share/{self.share}/{each}" for each in FILTERS) if self.share else FILTERS

    async def open(self, take: Taking) -> Connection:
        """Connect with the persistent session. Raises OSError where the broker is away."""
        version = _VERSIONS[self.version]
        client = self._client(version)
        session: dict[str, Any] = {}
        if version is MQTTProtocolVersion.MQTTv5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = _NEVER if self.is_kept else 0
            properties.ReceiveMaximum = self.receive_maximum
            session = {"clean_start": not self.is_kept, "properties": properties}
        parts = urlsplit(self.url)
        port = parts.port or _PORTS[parts.scheme]
        await asyncio.to_thread(client.connect, parts.hostname or "", port, _KEEPALIVE_S, **session)
        connection = Connection(client, take)
        connection.attach()
        return connection

    def _client(self, version: MQTTProtocolVersion) -> paho.Client:
        parts = urlsplit(self.url)
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.client_id,
            clean_session=None if version is MQTTProtocolVersion.MQTTv5 else not self.is_kept,
            protocol=version,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = _CONNECT_S
        client.max_inflight_messages_set(_MOST_IN_FLIGHT)
        if parts.username:
            client.username_pw_set(unquote(parts.username), unquote(parts.password or ""))
        if parts.scheme == "mqtts":
            client.tls_set_context(self._tls())
        return client

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.ca_file or None)
        if self.certificate_file:
            context.load_cert_chain(self.certificate_file, self.key_file or None)
        return context
