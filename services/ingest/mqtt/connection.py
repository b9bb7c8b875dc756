"""One connection to an MQTT broker: paho-mqtt driven by the event loop, so that many messages are read at a time."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

T = TypeVar("T")
Taking = Callable[["Connection", Sequence[paho.MQTTMessage]], None]
"""Takes the messages that came together on a connection."""
_MOST_AT_ONCE: Final = 500
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

    def __init__(self, client: paho.Client, take: Taking) -> None:
        self._client = client
        self._take = take
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[str] = self._loop.create_future()
        self._welcome: asyncio.Future[Welcome] = self._loop.create_future()
        self._waiting: dict[int, asyncio.Future[list[ReasonCode]]] = {}
        self._messages: list[paho.MQTTMessage] = []
        self._misc: asyncio.TimerHandle | None = None

    def attach(self) -> None:
        """Let the event loop drive the client, whose CONNECT is on its way."""
        client = self._client
        client.on_connect = self._on_connect
        client.on_subscribe = lambda *given: self._settle(given[2], given[3])
        client.on_publish = lambda *given: self._settle(given[2], [given[3]])
        client.on_disconnect = lambda *given: self._end(str(given[3]))
        client.on_message = lambda *given: self._messages.append(given[2])
        client.on_socket_close = lambda *given: self._forget(given[2])
        client.on_socket_register_write = lambda *given: self._loop.add_writer(given[2], client.loop_write)
        client.on_socket_unregister_write = self._forget_writing
        self._loop.add_reader(self._socket(), self._read)
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

    def acknowledge(self, message: paho.MQTTMessage) -> None:
        """Acknowledge a message that came on this connection; nothing is sent for QoS 0, nor after the end."""
        if message.qos and not self.closed.done():
            self._client.ack(message.mid, message.qos)

    def close(self, reason: str) -> None:
        """Leave the broker; what was not acknowledged comes again."""
        if not self.closed.done():
            self._client.disconnect()
            self._client.loop_write()
            self._abort(reason)

    def _read(self) -> None:
        """Read what has arrived; the loop calls again where there is more."""
        try:
            for _ in range(_MOST_AT_ONCE):
                count = len(self._messages)
                done = self._client.loop_read()
                if done != MQTTErrorCode.MQTT_ERR_SUCCESS or (len(self._messages) == count and not self._is_pending()):
                    break
        except Exception as error:  # whatever paho makes of what is not MQTT ends the connection, not ingest
            self._abort(f"The broker sends what is not MQTT: {error!r}")
        messages, self._messages = self._messages, []
        if messages:
            self._take(self, messages)

    def _is_pending(self) -> bool:
        """Tell whether TLS has read more from the socket than it has handed out."""
        sock = self._socket()
        return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0

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
        sock = self._socket()
        if sock is not None:
            self._forget(sock)
            with contextlib.suppress(OSError):
                sock.close()
        self._end(reason)

    def _socket(self) -> Any:
        """Return the client's socket; None where it has ended."""
        return self._client.socket()

    def _forget_writing(self, client: paho.Client, data: Any, sock: Any) -> None:
        self._loop.remove_writer(sock)

    def _forget(self, sock: Any) -> None:
        self._loop.remove_reader(sock)
        self._loop.remove_writer(sock)

    def _end(self, reason: str) -> None:
        if self._misc is not None:
            self._misc.cancel()
        if not self.closed.done():
            self.closed.set_result(reason)
