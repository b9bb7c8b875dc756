"""A running context broker, called as NGSIv2 clients call it: all tests share it, each has a tenant of its own."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.broker.main import create_app
from services.broker.settings import BrokerSettings
from tests.support.lifespan import calling
from tests.support.receiver import Receiver, receiving
from tests.support.shared_broker import new_tenant
from tests.support.v2_subscriber import Subscriber


@pytest.fixture
async def v2(broker_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of the shared context broker that names an empty tenant in every request."""
    async with httpx.AsyncClient(base_url=broker_url, headers={"fiware-service": new_tenant()}) as client:
        client.headers.pop("accept-encoding", None)
        yield client


@pytest.fixture
async def default_tenant(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a context broker on an empty database, for what is about the default tenant."""
    settings = BrokerSettings(database_url=database_url, tenant_creation="on-write", egress="loopback")
    async with calling(create_app(settings)) as client:
        client.headers.pop("accept-encoding", None)
        yield client


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
def subscriber(v2: httpx.AsyncClient, receiver: Receiver) -> Subscriber:
    return Subscriber(v2, receiver)
