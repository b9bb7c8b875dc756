"""Each scenario runs through both faces: what one writes, itself and the other read."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.broker.main import create_app
from services.broker.settings import BrokerSettings
from tests.support.faces import FaceClient, LdClient, V2Client
from tests.support.lifespan import calling

FACES: dict[str, type[LdClient] | type[V2Client]] = {"ngsi-ld": LdClient, "ngsiv2": V2Client}


@pytest.fixture
async def broker(database_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a running context broker on a database of its own."""
    settings = BrokerSettings(
        database_url=database_url,
        data_dir=tmp_path,
        tenant_creation="on-write",
        egress="loopback",
        auth_url="http://127.0.0.1:9",
    )
    async with calling(create_app(settings)) as client:
        yield client


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest, broker: httpx.AsyncClient) -> FaceClient:
    """Return the face that the scenario is told through."""
    return FACES[request.param](broker)


@pytest.fixture(params=FACES)
def writer(request: pytest.FixtureRequest, broker: httpx.AsyncClient) -> FaceClient:
    """Return the face that writes."""
    return FACES[request.param](broker)


@pytest.fixture(params=FACES)
def reader(request: pytest.FixtureRequest, broker: httpx.AsyncClient) -> FaceClient:
    """Return the face that reads."""
    return FACES[request.param](broker)
