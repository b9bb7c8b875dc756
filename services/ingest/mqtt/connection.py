"""One connection to an MQTT broker: paho-mqtt driven by the event loop, so that many messages are read at a time."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from services.ingest.mqtt.stream import Message, StreamingClient

T = TypeVar("T")
Taking = Callable[["Connection", Sequence[Message]], None]
"""Takes the messages that came together on a connection."""
_NO_SOCKET: Final = -1
_HANDSHAKE_S: Final = 15.0
_PUBLISH_S: Final = 10.0
_MISC_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Welcome:
    """The broker's answer to CONNECT."""

    reason: ReasonCode
    is_session_present: bool


class Connection:
    """A client that is connected at the socket, from then to its end.

    `take` gets the messages that came together; they are acknowledged with `acknowledge`. `closed` is done when the
    connection has ended, with the reason. Everything here runs in the event loop: paho has no thread.
    """

    def __init__(self, client: StreamingClient, take: Taking) -> None:
        self._client = client
        self._stream = client.stream
        self._number = client.stream.fileno()
        self._take = take
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[str] = self._loop.create_future()
        self._welcome: asyncio.Future[Welcome] = self._loop.create_future()
        self._waiting: dict[int, asyncio.Future[list[ReasonCode]]] = {}
        self._is_writing_due = False
        self._misc: asyncio.TimerHandle | None = None

    def attach(self) -> None:
        """Let the event loop drive the client, whose CONNECT is on its way."""
        client = self._client
        client.on_connect = self._on_connect
        client.on_subscribe = lambda *given: self._settle(given[2], given[3])
        client.on_publish = lambda *given: self._settle(given[2], [given[3]])
        client.on_disconnect = lambda *given: self._end(str(given[3]))
        client.on_socket_close = lambda *_: self._forget()
        client.on_socket_register_write = lambda *_: self._write_soon()
        self._loop.add_reader(self._number, self._read)
        self._look_after()

    async def welcome(self) -> Welcome:
        """Return the broker's answer to CONNECT. Raises OSError where none comes."""
        return await self._in_time(self._welcome, _HANDSHAKE_S)

    async def subscribe(self, filters: Sequence[str]) -> list[ReasonCode]:
        """Subscribe with QoS 1 and return the reason for each filter. Raises OSError."""
        if self._client.protocol is MQTTProtocolVersion.MQTTv5:
            options = [(name, SubscribeOptions(qos=1, retainHandling=1)) for name in filters]
            _, mid = self._client.subscribe(options)
        else:
            _, mid = self._client.subscribe([(name, 1) for name in filters])
        return await self._answer(mid, _HANDSHAKE_S)

    async def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool) -> None:
        """Publish and return when the broker has the message. Raises OSError where it has not in time, or refuses."""
        sent = self._client.publish(topic, payload, qos, retain)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise OSError(f"The MQTT broker does not take a message: {paho.error_string(sent.rc)}")
        if not qos:
            return
        (reason,) = await self._answer(sent.mid, _PUBLISH_S)
        if reason.is_failure:
            raise OSError(f"The MQTT broker refuses a message on {topic}: {reason}")

    def acknowledge(self, message: Message) -> None:
        """Acknowledge a message that came on this connection; nothing is sent for QoS 0, nor after the end."""
        if message.qos and not self.closed.done():
            self._stream.acknowledge(message.mid)
            self._write_soon()

    def close(self, reason: str) -> None:
        """Leave the broker; what was not acknowledged comes again."""
        if not self.closed.done():
            self._client.disconnect()
            self._client.loop_write()
            self._abort(reason)

    def _read(self) -> None:
        """Read what has arrived; the loop calls again where there is more."""
        stream = self._stream
        try:
            stream.receive()
            while stream.has_others and self._client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS:
                pass
        except Exception as error:  # whatever paho makes of what is not MQTT ends the connection, not ingest
            self._abort(f"The broker sends what is not MQTT: {error!r}")
        messages, stream.messages = stream.messages, []
        if messages:
            self._take(self, messages)

    def _write_soon(self) -> None:
        """Send together what is to be sent by the end of this turn of the loop."""
        if not self._is_writing_due:
            self._is_writing_due = True
            self._loop.call_soon(self._write)

    def _write(self) -> None:
        """Send what waits; the loop calls again when the socket takes more."""
        self._is_writing_due = False
        if self.closed.done():
            return
        try:
            self._client.loop_write()
            is_sent = self._stream.flush()
        except OSError as error:
            self._abort(f"The broker is gone: {error!r}")
            return
        if not is_sent:
            self._loop.add_writer(self._number, self._write)
        elif self._number != _NO_SOCKET:
            self._loop.remove_writer(self._number)

    def _on_connect(self, *given: Any) -> None:
        if not self._welcome.done():
            self._welcome.set_result(Welcome(given[3], given[2].session_present))

    def _look_after(self) -> None:
        """Send pings, and end the connection where none is answered."""
        if not self.closed.done():
            self._client.loop_misc()
            self._misc = self._loop.call_later(_MISC_S, self._look_after)

    async def _answer(self, mid: int | None, longest_s: float) -> list[ReasonCode]:
        if mid is None or self.closed.done():
            raise OSError("The MQTT broker is away")
        answer = self._waiting[mid] = self._loop.create_future()
        try:
            return await self._in_time(answer, longest_s)
        finally:
            self._waiting.pop(mid, None)

    async def _in_time(self, answer: "asyncio.Future[T]", longest_s: float) -> T:
        """Wait for an answer, or the end of the connection. Raises OSError."""
        await asyncio.wait((answer, self.closed), timeout=longest_s, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        reason = self.closed.result() if self.closed.done() else "no answer in time"
        raise OSError(f"The MQTT broker is away: {reason}")

    def _settle(self, mid: int, reasons: list[ReasonCode]) -> None:
        waiting = self._waiting.get(mid)
        if waiting is not None and not waiting.done():
            waiting.set_result(reasons)

    def _abort(self, reason: str) -> None:
        self._forget()
        with contextlib.suppress(OSError):
            self._stream.close()
        self._end(reason)

    def _forget(self) -> None:
        number, self._number = self._number, _NO_SOCKET
        if number != _NO_SOCKET:
            self._loop.remove_reader(number)
            self._loop.remove_writer(number)

    def _end(self, reason: str) -> None:
        if self._misc is not None:
            self._misc.cancel()
        if not self.closed.done():
            self.closed.set_result(reason)
