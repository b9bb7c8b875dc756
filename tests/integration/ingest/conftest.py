"""Fixtures of ingest: a remote broker, MQTT brokers, and ingest itself."""

from collections.abc import AsyncIterator

import pytest

from tests.support.ingest import IngestBench, running_ingest
from tests.support.ngsild_peer import NgsildPeer, ngsild_peer


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
