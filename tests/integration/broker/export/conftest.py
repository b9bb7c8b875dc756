"""Gauges in a tenant of the test's own, in the context broker that tests share."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.support.shared_broker import new_tenant


def gauge(number: int, level: float, **more: Any) -> dict[str, Any]:
    """Make a gauge as NGSI-LD writes it."""
    return {
        "id": f"urn:ngsi-ld:Gauge:{number}",
        "type": "Gauge",
        "level": {"type": "Property", "value": level, "unitCode": "MTR", "observedAt": "2026-01-31T12:00:00Z"},
        "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [136 + number / 10, 36]}},
        **more,
    }


@pytest.fixture
async def broker(broker_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client that names a tenant of the test's own."""
    async with httpx.AsyncClient(base_url=broker_url, headers={"NGSILD-Tenant": new_tenant()}) as http:
        yield http


async def write(broker: httpx.AsyncClient, *entities: dict[str, Any], tenant: str | None = None) -> None:
    """Create entities, or replace them."""
    headers = {"NGSILD-Tenant": tenant} if tenant else {}
    answer = await broker.post("/ngsi-ld/v1/entityOperations/upsert", json=list(entities), headers=headers)
    assert answer.status_code in (201, 204), answer.text
