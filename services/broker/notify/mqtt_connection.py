"""One connection to a subscriber's MQTT broker, kept by paho-mqtt in a thread of its own."""

import threading
from dataclasses import dataclass, field
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from services.broker.domain.subscription import MqttDelivery

_VERSIONS: Final = {"3.1.1": mqtt.MQTTv311, "5.0": mqtt.MQTTv5}
_KEEPALIVE_S: Final = 30


@dataclass(frozen=True, slots=True)
class MqttAddress:
    """Where to connect, and as whom: connections are shared by what is equal in all of this."""

    host: str
    port: int
    is_secure: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    version: str = "5.0"


class MqttConnection:
    """A connection that publishes. All methods block and belong into a thread."""

    def __init__(self, address: MqttAddress) -> None:
        self._address = address
        self._answered = threading.Event()
        self._refusal: str | None = None
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=_VERSIONS[address.version])
        if address.user is not None:
            self._client.username_pw_set(address.user, address.password)
        if address.is_secure:
            self._client.tls_set()
        self._client.on_connect = self._on_connect

    @property
    def is_alive(self) -> bool:
        """Tell whether it is connected."""
        return self._client.is_connected()

    def open(self, timeout_s: float) -> None:
        """Connect and wait for the broker's answer. Raises OSError."""
        self._client.connect_timeout = timeout_s
        self._client.connect(self._address.host, self._address.port, _KEEPALIVE_S)
        self._client.loop_start()
        if not self._answered.wait(timeout_s):
            raise TimeoutError
        if self._refusal is not None:
            raise ConnectionRefusedError(self._refusal)

    def publish(self, delivery: MqttDelivery, body: bytes, timeout_s: float) -> None:
        """Publish and wait for the acknowledgement of QoS 1 and 2. Raises OSError, ValueError, RuntimeError."""
        published = self._client.publish(delivery.topic, body, delivery.qos, delivery.retain)
        published.wait_for_publish(timeout_s)
        if not published.is_published():
            raise TimeoutError

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: Any, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        self._refusal = str(reason) if reason.is_failure else None
        self._answered.set()
