"""Context brokers on one database, served as they are, with streams that beat often."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.broker.main import create_app
from services.broker.settings import BrokerSettings
from tests.support.serving import served


@contextlib.contextmanager
def replica(database_url: str, data_dir: Path, *, port: int | None = None, **changed: Any) -> Iterator[str]:
    """Serve one replica of the context broker, on a port of its own or a given one, and yield its URL."""
    settings = {
        "database_url": database_url,
        "data_dir": data_dir,
        "tenant_creation": "on-write",
        "egress": "loopback",
        "auth_url": "http://127.0.0.1:9",
        "stream_heartbeat_s": 0.3,
        **changed,
    }
    with served(create_app(BrokerSettings(**settings)), port) as url:
        yield url


@pytest.fixture
def broker(database_url: str, tmp_path: Path) -> Iterator[str]:
    """Return the URL of a context broker."""
    with replica(database_url, tmp_path) as url:
        yield url
