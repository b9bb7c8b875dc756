"""Each scenario runs through both faces: what one writes, itself and the other read."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.faces import FaceClient, LdClient, V2Client
from tests.support.shared_broker import new_tenant

FACES: dict[str, type[LdClient] | type[V2Client]] = {"ngsi-ld": LdClient, "ngsiv2": V2Client}


@pytest.fixture
async def broker(broker_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a running context broker."""
    async with httpx.AsyncClient(base_url=broker_url) as client:
        yield client


@pytest.fixture
def tenant() -> str:
    """Return the name of this test's own tenant."""
    return new_tenant()


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest, broker: httpx.AsyncClient, tenant: str) -> FaceClient:
    """Return the face that the scenario is told through."""
    return FACES[request.param](broker, tenant)


@pytest.fixture(params=FACES)
def writer(request: pytest.FixtureRequest, broker: httpx.AsyncClient, tenant: str) -> FaceClient:
    """Return the face that writes."""
    return FACES[request.param](broker, tenant)


@pytest.fixture(params=FACES)
def reader(request: pytest.FixtureRequest, broker: httpx.AsyncClient, tenant: str) -> FaceClient:
    """Return the face that reads."""
    return FACES[request.param](broker, tenant)
