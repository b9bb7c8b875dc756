"""Measures over HTTP: what is committed before the answer, and what is refused."""

from tests.support.ingest import GROUP, IngestBench, entity_id
from tests.support.ngsild_peer import NgsildPeer


async def test_a_measure_is_committed_when_it_is_answered(bench: IngestBench, peer: NgsildPeer) -> None:
    await bench.provision(1)
    answer = await bench.send("gauge-1", {"level": 3.42, "TimeInstant": "2026-08-20T00:40:00+09:00"})
    assert (answer.status_code, answer.json()) == (200, {})
    entity = peer.entities["fukui", entity_id(1)]
    observed = "2026-08-19T15:40:00Z"
    assert entity["type"] == "WaterLevelObserved"
    assert entity["waterLevel"] == {"type": "Property", "value": 3.42, "unitCode": "MTR", "observedAt": observed}
    assert entity["alertLevel"] == {"type": "Property", "value": 0, "observedAt": observed}
    assert entity["name"] == {"type": "Property", "value": "観測所1"}
    assert entity["standbyLevel"] == {"type": "Property", "value": 3.5, "unitCode": "MTR"}
    assert peer.headers[0]["NGSILD-Tenant"] == "fukui"
