"""One connection to an MQTT broker in the event loop: many messages are read, and many acknowledged, at a time."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from services.ingest.mqtt import packets
from services.ingest.mqtt.packets import Hello, MalformedPacket, Message, Welcome

Received = tuple[bytes, int, int, bytes]
"""Topic, QoS, packet identifier, payload."""
Taking = Callable[["Connection", Sequence[Received]], None]
"""Takes the messages that came together on a connection."""
_MOST_IDENTIFIERS: Final = 65535
_HANDSHAKE_S: Final = 15.0
_PUBLISH_S: Final = 10.0


class Connection(asyncio.Protocol):
    """From CONNECT to the end. `take` gets the messages that came together; they are acknowledged with `acknowledge`.

    `closed` is done when the connection has ended, with the reason.
    """

    def __init__(self, hello: Hello, take: Taking) -> None:
        self._hello = hello
        self._take = take
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[str] = self._loop.create_future()
        self._welcome: asyncio.Future[Welcome] = self._loop.create_future()
        self._transport: asyncio.Transport | None = None
        self._rest = bytearray()
        self._answers = bytearray()
        self._waiting: dict[int, asyncio.Future[list[int]]] = {}
        self._mid = 0
        self._has_heard = True
        self._keepalive_s = hello.keepalive_s
        self._ping: asyncio.TimerHandle | None = None
        self._reason = "The connection is lost"

    async def welcome(self) -> Welcome:
        """Return the broker's answer to CONNECT. Raises OSError where none comes."""
        try:
            answer = await asyncio.wait_for(asyncio.shield(self._welcome), _HANDSHAKE_S)
        except TimeoutError as error:
            self.close("The broker does not answer")
            raise OSError("The MQTT broker does not answer") from error
        if answer.keepalive_s is not None:
            self._keepalive_s = answer.keepalive_s
        return answer

    async def subscribe(self, filters: Sequence[str]) -> list[int]:
        """Subscribe and return the reason for each filter. Raises OSError."""
        mid = self._next_mid()
        granted = await self._asked(mid, packets.subscribe(mid, filters, self._hello.version), _HANDSHAKE_S)
        self._start_pings()
        return granted

    async def publish(self, message: Message) -> None:
        """Publish and return when the broker has the message. Raises OSError where it has not in time, or refuses."""
        mid = self._next_mid() if message.qos else 0
        packet = packets.publish(message, mid, self._hello.version)
        if not message.qos:
            self._write(packet)
            return
        (reason,) = await self._asked(mid, packet, _PUBLISH_S)
        if reason >= packets.FAILURE:
            raise OSError(f"The MQTT broker refuses a message on {message.topic} with reason {reason}")

    def acknowledge(self, mid: int) -> None:
        """Acknowledge a message; those of one turn of the loop go together."""
        if not self._answers:
            self._loop.call_soon(self._flush)
        self._answers += b"\x40\x02" + mid.to_bytes(2, "big")

    def close(self, reason: str = "") -> None:
        """Leave the broker; what was not acknowledged comes again."""
        self._reason = reason or self._reason
        if self._transport is not None and not self._transport.is_closing():
            self._flush()
            self._transport.write(packets.LEAVE)
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say CONNECT."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(packets.connect(self._hello))

    def data_received(self, data: bytes) -> None:
        """Read whole packets; what is left waits for more."""
        self._has_heard = True
        try:
            if self._rest:
                self._rest += data
                found, used = packets.split(self._rest)
                del self._rest[:used]
            else:
                found, used = packets.split(data)
                self._rest += data[used:]
            self._read(found)
        except (MalformedPacket, IndexError) as error:
            self._reason = f"The broker sends what is not MQTT: {error}"
            if self._transport is not None:
                self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """Tell those who wait."""
        if self._ping is not None:
            self._ping.cancel()
        lost = OSError(f"{self._reason}{f': {error}' if error else ''}")
        waiting: list[asyncio.Future[Any]] = [*self._waiting.values(), self._welcome]
        for each in waiting:
            if not each.done():
                each.set_exception(lost)
                each.exception()
        if not self.closed.done():
            self.closed.set_result(str(lost))

    def _read(self, found: Sequence[tuple[int, bytes]]) -> None:
        messages: list[Received] = []
        version = self._hello.version
        for first, body in found:
            if first & 0xF0 == packets.PUBLISH:
                topic, mid, payload = packets.read_publish(first, body, version)
                messages.append((topic, first >> 1 & 0x03, mid, payload))
            else:
                self._read_other(first & 0xF0, body)
        if messages:
            self._take(self, messages)

    def _read_other(self, kind: int, body: bytes) -> None:
        if kind in (packets.PUBACK, packets.PUBCOMP):
            mid, reason = packets.read_identifier(body)
            self._settle(mid, [reason])
        elif kind == packets.PUBREC:
            mid, reason = packets.read_identifier(body)
            if reason >= packets.FAILURE:
                self._settle(mid, [reason])
            else:
                self._write(packets.acknowledgement(packets.PUBREL, mid))
        elif kind == packets.SUBACK:
            self._settle(*packets.read_granted(body, self._hello.version))
        elif kind == packets.CONNACK and not self._welcome.done():
            self._welcome.set_result(packets.read_welcome(body, self._hello.version))
        elif kind == packets.DISCONNECT:
            self._reason = f"The broker ends the connection with reason {body[0] if body else 0}"

    def _settle(self, mid: int, reasons: list[int]) -> None:
        waiting = self._waiting.pop(mid, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(reasons)

    async def _asked(self, mid: int, packet: bytes, longest_s: float) -> list[int]:
        answer: asyncio.Future[list[int]] = self._loop.create_future()
        self._waiting[mid] = answer
        self._write(packet)
        try:
            return await asyncio.wait_for(answer, longest_s)
        except TimeoutError as error:
            raise OSError("The MQTT broker does not take a message in time") from error
        finally:
            self._waiting.pop(mid, None)

    def _next_mid(self) -> int:
        """Return an identifier that nothing waits under."""
        for _ in range(_MOST_IDENTIFIERS):
            self._mid = self._mid % _MOST_IDENTIFIERS + 1
            if self._mid not in self._waiting:
                return self._mid
        raise OSError("Too many messages wait for the MQTT broker")

    def _write(self, packet: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            raise OSError("The MQTT broker is away")
        self._transport.write(packet)

    def _flush(self) -> None:
        answers, self._answers = bytes(self._answers), bytearray()
        if answers and self._transport is not None and not self._transport.is_closing():
            self._transport.write(answers)

    def _start_pings(self) -> None:
        if self._keepalive_s:
            self._ping = self._loop.call_later(self._keepalive_s * 0.75, self._look_after)

    def _look_after(self) -> None:
        """Ask for a sign of life; a broker from which nothing came since the last time is gone."""
        if self._transport is None or self._transport.is_closing():
            return
        if not self._has_heard:
            self._reason = "Nothing was heard of the broker"
            self._transport.abort()
            return
        self._has_heard = False
        self._transport.write(packets.PING)
        self._start_pings()
