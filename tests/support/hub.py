"""The four services together on one database, each on a port, wanting tokens as in production."""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from services.auth.main import create_app as create_auth
from services.auth.settings import AuthSettings
from services.broker.main import create_app as create_broker
from services.broker.settings import BrokerSettings
from services.catalog.main import create_app as create_catalog
from services.catalog.settings import CatalogSettings
from services.ingest.main import create_app as create_ingest
from services.ingest.settings import IngestSettings
from services.kernel.settings import Settings
from services.local.ports import free_port
from tests.support.auth import Login, administrator, bearer, until_ready
from tests.support.databases import as_auth, clone, drop
from tests.support.serving import served

SERVICES = ("auth", "broker", "ingest", "catalog")
_CREATE: Mapping[str, tuple[type[Settings], Any]] = {
    "auth": (AuthSettings, create_auth),
    "broker": (BrokerSettings, create_broker),
    "ingest": (IngestSettings, create_ingest),
    "catalog": (CatalogSettings, create_catalog),
}
_SECRETS = {name: f"the-secret-of-the-{name}" for name in SERVICES[1:]}


@dataclass(frozen=True)
class Hub:
    """A running hub: where each service answers, and its administrator."""

    urls: Mapping[str, str]
    admin: Login

    def client(self, service: str, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
        """Return a client of one service that sends some headers."""
        return httpx.AsyncClient(base_url=self.urls[service], headers=dict(headers or {}))

    async def headers(self, login: Login | None = None) -> dict[str, str]:
        """Return the header that authenticates as a client, the administrator unless given."""
        async with self.client("auth") as auth:
            return dict(await bearer(auth, login or self.admin))

    async def headers_in(self, tenant: str, login: Login | None = None, path: str = "/") -> dict[str, str]:
        """Return the headers that authenticate as a client and name a tenant and a service path."""
        return {**await self.headers(login), "Fiware-Service": tenant, "Fiware-ServicePath": path}


@contextlib.contextmanager
def running_hub(
    database_url: str, directory: Path, services: Sequence[str] = SERVICES, **more: object
) -> Iterator[Hub]:
    """Serve the services for the length of the block; `more` are settings of all of them."""
    ports = {name: free_port() for name in SERVICES}
    urls = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    shared: dict[str, Any] = {
        "database_url": database_url,
        "data_dir": directory,
        "auth": "required",
        "egress": "loopback",
        "mqtt_url": f"mqtt://127.0.0.1:{free_port()}",
        "ingest_http_port": free_port(),
        "catalog_live_interval_s": 0,
        "database_pool": 3,
        "auth_service_clients": ",".join(f"{name}={secret}" for name, secret in _SECRETS.items()),
        **{f"{name}_url": url for name, url in urls.items()},
        **more,
    }
    with contextlib.ExitStack() as stack:
        for name, (settings, create) in _CREATE.items():
            if name not in services:
                continue
            own: dict[str, Any] = {"database_url": as_auth(database_url)}
            if name in _SECRETS:
                own = {"client_id": f"service-{name}", "client_secret": _SECRETS[name]}
            stack.enter_context(served(create(settings(**{**shared, **own})), ports[name]))
        asyncio.run(_until_ready(urls["auth"]))
        yield Hub(urls, administrator(directory))


@contextlib.contextmanager
def own_hub(postgres_server: str, directory: Path, services: Sequence[str] = SERVICES, **more: object) -> Iterator[Hub]:
    """Serve the services on a database of their own, which goes with the block."""
    database_url = asyncio.run(clone(postgres_server))
    try:
        with running_hub(database_url, directory, services, **more) as running:
            yield running
    finally:
        asyncio.run(drop(postgres_server, database_url))


async def _until_ready(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        await until_ready(client)
