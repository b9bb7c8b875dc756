"""A broker without its faces: writer, subscriptions, dispatchers on a real database."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from services.broker.domain.attribute import Attributes
from services.broker.domain.entity import Entity
from services.broker.domain.names import DEFAULT_VOCABULARY as VOCABULARY
from services.broker.domain.selection import LdRef, TypeIs
from services.broker.domain.subscription import (
    Conditions,
    Content,
    Endpoint,
    Subject,
    Subscription,
    SubscriptionFace,
    SubscriptionRecord,
)
from services.broker.notify.dispatcher import Dispatcher
from services.broker.notify.figures import Figures
from services.broker.operations import subscriptions
from services.broker.operations.broker import Broker
from services.broker.operations.contexts import Contexts
from services.broker.operations.notices import Notices
from services.broker.operations.own_source import OwnSource
from services.broker.operations.subscriptions import SubscriptionRef
from services.broker.operations.writer import Writer
from services.broker.operations.writes import AppendAttributes, DeleteEntity, StoreEntity
from services.broker.settings import BrokerSettings
from services.broker.store import outbox
from services.kernel.app import background
from services.kernel.clock import system_clock
from services.kernel.credentials import ServiceCredentials
from services.kernel.postgres import open_pool
from services.kernel.seal import Seal
from services.kernel.tenancy import Tenant, TenantDirectory
from tests.support.databases import clone, drop, empty_broker
from tests.support.receiver import Receiver, receiving


@dataclass(frozen=True)
class Bench:
    """A broker's inside, with one tenant."""

    broker: Broker
    notices: Notices
    tenant: Tenant
    registry: CollectorRegistry
    figures: Figures

    def dispatcher(self) -> Dispatcher:
        """Return one more dispatcher on the same database."""
        return Dispatcher(self.broker, self.notices, self.figures)

    async def subscribe(self, subscription: Subscription) -> None:
        """Store a subscription."""
        await subscriptions.create(self.broker, self.tenant, subscription)

    async def create(self, number: int, **values: object) -> None:
        """Create a gauge with Property values."""
        await self.broker.writer.write(self.tenant.tenant_id, StoreEntity(gauge(number, **values)))

    async def write(self, number: int, **values: object) -> None:
        """Write a gauge's attributes."""
        mutation = AppendAttributes(LdRef(uri_of(number)), gauge(number, **values).attrs)
        await self.broker.writer.write(self.tenant.tenant_id, mutation)

    async def delete(self, number: int) -> None:
        """Delete a gauge."""
        await self.broker.writer.write(self.tenant.tenant_id, DeleteEntity(LdRef(uri_of(number))))

    async def record(self, subscription_id: str) -> SubscriptionRecord:
        """Return a stored NGSI-LD subscription."""
        ref = SubscriptionRef(SubscriptionFace.NGSI_LD, subscription_id)
        return await subscriptions.retrieve(self.broker, self.tenant, ref)

    async def health(self, subscription_id: str) -> Mapping[str, Any]:
        """Return a lane's figures."""
        async with self.broker.pool.acquire() as connection:
            found = await outbox.health(connection, self.tenant.tenant_id, subscription_id)
        assert found is not None
        return found

    async def wait_until_settled(self, subscription_id: str, seconds: float = 60) -> Mapping[str, Any]:
        """Wait until nothing is pending and nobody holds the lane."""
        async with asyncio.timeout(seconds):
            while True:
                found = await self.health(subscription_id)
                if found["pending"] == 0 and found["lease_until"] is None:
                    return found
                await asyncio.sleep(0.02)


def uri_of(number: int) -> str:
    """Return a gauge's id."""
    return f"urn:ngsi-ld:Gauge:{number}"


def gauge(number: int, **values: object) -> Entity:
    """Make a gauge with Property values."""
    attrs: Attributes = {VOCABULARY + name: [{"kind": "Property", "value": each}] for name, each in values.items()}
    return Entity(id=uri_of(number), uri=uri_of(number), types=(VOCABULARY + "Gauge",), attrs=attrs)


def subscription_to(url: str, *, name: str = "1", watched: tuple[str, ...] = (), **members: Any) -> Subscription:
    """Make an NGSI-LD subscription to gauges."""
    conditions = members.pop("conditions", None) or Conditions(
        subjects=(Subject(types=TypeIs(VOCABULARY + "Gauge")),), watched=tuple(VOCABULARY + each for each in watched)
    )
    given: dict[str, Any] = {
        "id": f"urn:ngsi-ld:Subscription:{name}",
        "face": SubscriptionFace.NGSI_LD,
        "endpoint": Endpoint(url),
        "conditions": conditions,
        "content": Content(format="simplified"),
        **members,
    }
    return Subscription(**given)


@contextlib.asynccontextmanager
async def running_bench(database_url: str, **settings: Any) -> AsyncIterator[Bench]:
    """Run a writer, without a dispatcher, on a database."""
    given = BrokerSettings(
        **{
            "database_url": database_url,
            "egress": "loopback",
            "tenant_creation": "on-write",
            "notify_timeout_s": 2,
            **settings,
        }
    )
    pool = await open_pool(database_url, schema="broker", size=12)
    notices = Notices(given.notify_lag_s)
    writer = Writer(pool, notices, system_clock, lanes=2, batch=100)
    tenants = TenantDirectory(pool, creates_on_write=True)
    broker = Broker(
        given,
        pool,
        pool,
        tenants,
        Contexts(pool, given),
        writer,
        system_clock,
        Seal("a secret of the tests, 32 characters"),
        OwnSource(given.ingest_url, ServiceCredentials("", "", "")),
    )
    try:
        async with background(writer.run()):
            registry = CollectorRegistry()
            yield Bench(broker, notices, await tenants.find_or_create("fukui"), registry, Figures(registry))
    finally:
        await pool.close()


@pytest.fixture(scope="session")
def notify_database(postgres_server: str) -> Iterator[str]:
    """Return the URL of a database that these tests share, one after the other."""
    url = asyncio.run(clone(postgres_server))
    yield url
    asyncio.run(drop(postgres_server, url))


@pytest.fixture
async def database_url(notify_database: str) -> AsyncIterator[str]:
    """Return the URL of the shared database, empty; a database for each test would cost more than most tests."""
    yield notify_database
    await empty_broker(notify_database)


@pytest.fixture
async def idle(database_url: str) -> AsyncIterator[Bench]:
    """Return a broker that writes and does not dispatch yet."""
    async with running_bench(database_url) as bench:
        yield bench


@pytest.fixture
async def bench(idle: Bench) -> AsyncIterator[Bench]:
    """Return a broker that writes and dispatches."""
    async with background(idle.dispatcher().run()):
        yield idle


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """Return a listening receiver."""
    async with receiving() as receiver:
        yield receiver
