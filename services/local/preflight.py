"""What must hold before anything is started, each fault told in one line."""

import asyncio
import errno
import os
import socket
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from services.local.settings import LocalSettings

_CONNECT_TIMEOUT_S = 5.0


class NotReady(Exception):
    """The hub cannot be started here; the message says why, in one line."""


def check(settings: LocalSettings, *, with_demo: bool) -> None:
    """Check ports, directory, database and MQTT broker. Raises NotReady."""
    check_directory(settings.directory)
    check_ports(settings.host, wanted_ports(settings, with_demo=with_demo))
    if settings.database_url:
        check_database(settings.database_url)
    if settings.mqtt_url:
        check_mqtt(settings.mqtt_url)


def wanted_ports(settings: LocalSettings, *, with_demo: bool) -> list[tuple[str, int]]:
    """List each port that the hub will listen on, with its setting."""
    fields = ["broker_port", "ingest_port", "ingest_http_port", "catalog_port", "auth_port"]
    if not settings.mqtt_url:
        fields.append("mqtt_port")
    if with_demo:
        fields.append("demo_receiver_port")
    return [(f"HIROBA_{field.upper()}", getattr(settings, field)) for field in fields]


def check_directory(directory: Path) -> None:
    """Create the data directory, private, and see that it can be written. Raises NotReady."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise NotReady(f"The data directory {directory} cannot be created: {error.strerror}") from error
    if not os.access(directory, os.W_OK | os.X_OK):
        raise NotReady(f"The data directory {directory} cannot be written: set HIROBA_DATA_DIR to one that can")


def check_ports(host: str, ports: Iterable[tuple[str, int]]) -> None:
    """See that every port is free, and none is wanted twice. Raises NotReady."""
    seen: dict[int, str] = {}
    for setting, port in ports:
        if port in seen:
            raise NotReady(f"{seen[port]} and {setting} are both {port}: give each a port of its own")
        seen[port] = setting
        _check_port(host, setting, port)


def _check_port(host: str, setting: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise NotReady(f"Port {port} is taken: stop what listens there, or set {setting}") from error
            raise NotReady(f"Port {port} on {host} cannot be used ({setting}): {error.strerror or error}") from error


def check_database(url: str) -> None:
    """See that the given database answers and is new enough. Raises NotReady."""
    import asyncpg  # noqa: PLC0415  # only where a database is given

    async def version() -> int:
        connection = await asyncpg.connect(url, timeout=_CONNECT_TIMEOUT_S)
        try:
            return int(connection.get_server_version().major)
        finally:
            await connection.close()

    where = _without_password(url)
    try:
        major = asyncio.run(version())
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise NotReady(f"The database {where} cannot be reached: {reason}") from error
    if major < 15:
        raise NotReady(f"The database {where} is PostgreSQL {major}: Hiroba needs 15 or newer")


def check_mqtt(url: str) -> None:
    """See that the given MQTT broker accepts connections. Raises NotReady."""
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise NotReady(f"HIROBA_MQTT_URL must be like mqtt://host:1883, not {_without_password(url)}")
    port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
    try:
        socket.create_connection((parts.hostname, port), _CONNECT_TIMEOUT_S).close()
    except OSError as error:
        raise NotReady(
            f"The MQTT broker {parts.hostname}:{port} cannot be reached: {error.strerror or error}"
        ) from error


def _without_password(url: str) -> str:
    head, separator, rest = url.partition("://")
    return f"{head}{separator}{rest.rpartition('@')[2]}"
