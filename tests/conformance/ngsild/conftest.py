"""A running context broker, called as an NGSI-LD client of a tenant of its own calls it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.shared_broker import new_tenant


@pytest.fixture
async def broker(broker_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of the shared context broker in a tenant that exists and is empty."""
    headers = {"NGSILD-Tenant": new_tenant()}
    async with httpx.AsyncClient(base_url=f"{broker_url}/ngsi-ld/v1/", headers=headers) as client:
        assert (await client.post("entities", json={"id": "urn:first", "type": "First"})).status_code == 201
        assert (await client.delete("entities/urn:first")).status_code == 204
        yield client
