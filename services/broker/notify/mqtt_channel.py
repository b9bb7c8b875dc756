"""Notifications over MQTT and MQTTS (NGSI-LD clause 7; NGSIv2 mqtt): one connection per broker and user."""

import asyncio
import socket
from collections import OrderedDict
from typing import Final
from urllib.parse import unquote, urlsplit

from services.broker.notify.message import Delivery, Message, MqttMessage
from services.broker.notify.mqtt_connection import MqttAddress, MqttConnection
from services.kernel.egress import EgressRefused, GuardedResolver, check_url

_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
_MOST_CONNECTIONS: Final = 64


class MqttChannel:
    """Publishes; a connection is kept for the next notification to the same broker.

    `mqtt://` connects to the address that was checked. `mqtts://` connects by name, which the broker's certificate
    must prove: a name that changes its mind meets a host that cannot.
    """

    def __init__(self, policy: str, body_limit_bytes: int) -> None:
        self._policy = policy
        self._limit = body_limit_bytes
        self._resolver = GuardedResolver(policy)
        self._connections: OrderedDict[MqttAddress, MqttConnection] = OrderedDict()
        self._opening: dict[MqttAddress, asyncio.Lock] = {}

    async def send(self, message: Message) -> Delivery:
        """Publish one message and wait for what its quality of service promises."""
        assert isinstance(message, MqttMessage)
        if len(message.body) > self._limit:
            reason = f"The notification is larger than {self._limit} bytes"
            return Delivery(is_success=False, reason=reason, hopeless=True)
        try:
            check_url(message.url, self._policy, tuple(_PORTS))
            async with asyncio.timeout(message.timeout_s):
                connection = await self._connection(await self._address(message), message.timeout_s)
                await asyncio.to_thread(connection.publish, message.delivery, message.body, message.timeout_s)
        except EgressRefused as error:
            return Delivery(is_success=False, reason=error.detail, hopeless=True)
        except TimeoutError:
            return Delivery(is_success=False, reason=f"The MQTT broker does not answer within {message.timeout_s:g} s")
        except (OSError, ValueError, RuntimeError) as error:
            return Delivery(is_success=False, reason=f"The message cannot be published: {type(error).__name__}")
        return Delivery(is_success=True)

    async def close(self) -> None:
        """Disconnect from all brokers."""
        connections = list(self._connections.values())
        self._connections.clear()
        await asyncio.gather(*(asyncio.to_thread(each.close) for each in connections))

    async def _address(self, message: MqttMessage) -> MqttAddress:
        parts = urlsplit(message.url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        found = await self._resolver.resolve(host, port, socket.AF_UNSPEC)
        delivery = message.delivery
        return MqttAddress(
            host=host if parts.scheme == "mqtts" else found[0]["host"],
            port=port,
            is_secure=parts.scheme == "mqtts",
            user=delivery.user or (unquote(parts.username) if parts.username else None),
            password=delivery.password or (unquote(parts.password) if parts.password else None),
            version=delivery.version,
        )

    async def _connection(self, address: MqttAddress, timeout_s: float) -> MqttConnection:
        async with self._opening.setdefault(address, asyncio.Lock()):
            connection = self._connections.pop(address, None)
            if connection is None or not connection.is_alive:
                if connection is not None:
                    await asyncio.to_thread(connection.close)
                connection = MqttConnection(address)
                await self._open(connection, timeout_s)
            self._connections[address] = connection
        while len(self._connections) > _MOST_CONNECTIONS:
            _, oldest = self._connections.popitem(last=False)
            await asyncio.to_thread(oldest.close)
        return connection

    async def _open(self, connection: MqttConnection, timeout_s: float) -> None:
        try:
            await asyncio.to_thread(connection.open, timeout_s)
        except OSError:
            await asyncio.to_thread(connection.close)
            raise
