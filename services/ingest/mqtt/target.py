"""Which MQTT broker, as whom, and in which version of the protocol."""

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from services.ingest.codecs.topic import FILTERS
from services.ingest.mqtt.connection import Connection, Taking
from services.ingest.mqtt.packets import UNSUPPORTED_VERSION, Hello, Version

_KEEPALIVE_S = 30
_CONNECT_S = 15.0
_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True, slots=True)
class MqttTarget:
    """The broker's URL, the name of our session there, and what vouches for the broker and for us."""

    url: str
    client_id: str
    receive_maximum: int = 1000
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""
    share: str = ""

    @property
    def is_shared(self) -> bool:
        """Whether several processes take in measures at a time, each with a session of its own."""
        return bool(self.share)

    def filters(self) -> tuple[str, ...]:
        """Return what is subscribed to: with `share` as one of the group of that name (MQTT 5.0, 4.8.2)."""
        return tuple(f"$share/{self.share}/{each}" for each in FILTERS) if self.share else FILTERS

    async def open(self, version: Version, take: Taking) -> Connection:
        """Connect with the persistent session. Raises OSError where the broker is away."""
        maximum = self.receive_maximum if version is Version.V5 else 0
        return await self._connect(self._hello(version, self.client_id, maximum, is_clean=False), take)

    async def find_version(self) -> Version:
        """Ask the broker whether it speaks MQTT 5; 3.1.1 is what is left. Raises OSError where it is away.

        The question has no properties: a broker of 3.1.1 that cannot read them would never answer.
        """
        hello = self._hello(Version.V5, f"{self.client_id}-asks", 0, is_clean=True)
        connection = await self._connect(hello, lambda *_: None)
        try:
            answer = await connection.welcome()
        except OSError:
            return Version.V311
        finally:
            connection.close()
        return Version.V5 if answer.is_of_version_5 and answer.reason != UNSUPPORTED_VERSION else Version.V311

    def _hello(self, version: Version, client_id: str, receive_maximum: int, *, is_clean: bool) -> Hello:
        parts = urlsplit(self.url)
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password or "")
        return Hello(version, client_id, is_clean, _KEEPALIVE_S, user, password, receive_maximum)

    async def _connect(self, hello: Hello, take: Taking) -> Connection:
        parts = urlsplit(self.url)
        context = self._tls() if parts.scheme == "mqtts" else None
        opening = asyncio.get_running_loop().create_connection(
            lambda: Connection(hello, take), parts.hostname or "", parts.port or _PORTS[parts.scheme], ssl=context
        )
        try:
            _, connection = await asyncio.wait_for(opening, _CONNECT_S)
        except TimeoutError as error:
            raise OSError("The MQTT broker does not answer") from error
        return connection

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.ca_file or None)
        if self.certificate_file:
            context.load_cert_chain(self.certificate_file, self.key_file or None)
        return context
