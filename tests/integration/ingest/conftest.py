"""Fixtures of ingest: a remote broker, MQTT brokers, and ingest itself."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.ingest import IngestBench, running_ingest
from tests.support.ngsild_peer import NgsildPeer, ngsild_peer
from tests.support.providing import forwarding_broker


@pytest.fixture
async def peer() -> AsyncIterator[NgsildPeer]:
    """Return a remote context broker."""
    async with ngsild_peer() as served:
        yield served


@pytest.fixture
async def bench(database_url: str, peer: NgsildPeer) -> AsyncIterator[IngestBench]:
    """Return a running ingest that writes to the peer, without MQTT."""
    async with running_ingest(database_url, broker_url=peer.url) as running:
        yield running


@pytest.fixture
async def broker(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of the hub's own context broker, which may call ingest on this machine."""
    async with forwarding_broker(database_url) as client:
        yield client
