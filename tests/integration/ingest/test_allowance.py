"""Quotas of measures: over HTTP a message beyond them is to be sent again, over MQTT it is kept; nobody else waits."""

from pathlib import Path

import asyncpg
import pytest

from tests.support.ingest import GROUP, HEADERS, IngestBench, entity_id, running_ingest
from tests.support.mqtt import device, mosquitto
from tests.support.ngsild_peer import NgsildPeer
from tests.support.patience import until

TOPIC = "/json/rivers/gauge-1/attrs"


async def _limit(database_url: str, quotas: str) -> None:
    """Have the tenant as auth's feed would have told it."""
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "ingest"})
    try:
        await connection.execute("insert into tenant (name, details) values ('fukui', $1::jsonb)", quotas)
    finally:
        await connection.close()


@pytest.mark.needs("mosquitto")
async def test_measures_beyond_a_tenants_quota_are_sent_again_or_kept(
    database_url: str, peer: NgsildPeer, tmp_path: Path
) -> None:
    await _limit(database_url, '{"quotas": {"measures_per_day": 4, "measures_per_minute": 1000}}')
    with mosquitto(tmp_path) as mqtt:
        async with running_ingest(database_url, broker_url=peer.url, mqtt_url=mqtt.url) as bench, device(mqtt) as gauge:
            await bench.provision(1)
            await until(lambda: bench.parts.receiver.is_connected)
            await _http(bench, peer)
            gauge.publish(TOPIC, [{"level": each} for each in (4, 5, 6)])
            await until(lambda: _are_kept(bench, 2))
            assert peer.values("fukui", entity_id(1), "waterLevel") == [1, 2, 3, 4]
            assert (await bench.send("gauge-1", {"level": 7})).status_code == 429
            await _others_are_not_held(bench, peer)
            await _kept_ones_can_be_sent_again(bench, peer)


async def _http(bench: IngestBench, peer: NgsildPeer) -> None:
    assert (await bench.send("gauge-1", {"level": 1})).status_code == 200
    refused = await bench.send("gauge-1", [{"level": each} for each in (2, 3, 4, 5)])
    assert (refused.status_code, refused.json()["name"]) == (429, "TOO_MANY_MEASURES")
    assert "measures_per_day (4)" in refused.json()["message"]
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert (await bench.letters(), peer.values("fukui", entity_id(1), "waterLevel")) == ([], [1])
    assert (await bench.send("gauge-1", [{"level": 2}, {"level": 3}])).status_code == 200


async def _are_kept(bench: IngestBench, count: int) -> bool:
    return [each["reason"] for each in await bench.letters()] == ["too-many-measures"] * count


async def _others_are_not_held(bench: IngestBench, peer: NgsildPeer) -> None:
    headers = {**HEADERS, "fiware-service": "sabae"}
    group = {**GROUP, "apikey": "lamps", "autoprovision": True}
    assert (await bench.client.post("/iot/groups", json={"groups": [group]}, headers=headers)).status_code == 201
    assert (await bench.send("gauge-1", [{"level": each} for each in range(9)], "lamps")).status_code == 200
    assert peer.values("sabae", entity_id(1), "waterLevel") == list(range(9))


async def _kept_ones_can_be_sent_again(bench: IngestBench, peer: NgsildPeer) -> None:
    [first, _] = await bench.letters()
    url = f"/dead-letters/{first['id']}/replay"
    assert (await bench.client.post(url)).status_code == 409
    assert await _are_kept(bench, 2)
    bench.parts.limiter.windows.clear()  # as on the next day
    assert (await bench.client.post(url)).status_code == 200
    assert await _are_kept(bench, 1)
    assert peer.values("fukui", entity_id(1), "waterLevel")[-1] == 5
