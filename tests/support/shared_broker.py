"""One context broker for many tests: each has a tenant of its own, as municipalities do."""

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.broker.main import create_app
from services.broker.settings import BrokerSettings
from tests.support.databases import clone, drop
from tests.support.serving import served


@contextmanager
def shared_broker(postgres_server: str, data_dir: Path) -> Iterator[str]:
    """Serve a context broker on a database of its own and yield its URL."""
    database_url = asyncio.run(clone(postgres_server))
    settings = BrokerSettings(
        database_url=database_url,
        data_dir=data_dir,
        tenant_creation="on-write",
        egress="loopback",
        auth_url="http://127.0.0.1:9",
    )
    with served(create_app(settings)) as url:
        yield url
    asyncio.run(drop(postgres_server, database_url))


def new_tenant() -> str:
    """Return a tenant's name that no other test uses."""
    return f"t{uuid.uuid4().hex[:16]}"
