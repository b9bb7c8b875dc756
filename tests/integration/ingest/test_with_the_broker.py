"""Ingest with the hub's own context broker behind it: what devices send is read with both APIs."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from services.broker.main import create_app
from services.broker.settings import BrokerSettings
from services.local.demo.files import data
from services.local.ports import free_port
from tests.support.ingest import HEADERS, IngestBench, entity_id, running_ingest
from tests.support.mqtt import device, mosquitto
from tests.support.patience import until
from tests.support.serving import served


@pytest.fixture
async def broker(database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    settings = BrokerSettings(
        database_url=database_url, auth_url=f"http://127.0.0.1:{free_port()}", tenant_creation="on-write"
    )
    with served(create_app(settings)) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            yield client


@pytest.fixture
async def bench(database_url: str, broker: httpx.AsyncClient) -> AsyncIterator[IngestBench]:
    async with running_ingest(database_url, broker_url=str(broker.base_url)) as running:
        yield running


async def _levels(database_url: str) -> list[list[int]]:
    """Return every level in the broker's history, by entity, in the order in which it was written."""
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "broker"})
    statement = """
        select uri, array_agg((instance ->> 'value')::int order by observed_at) as by_time,
            array_agg((instance ->> 'value')::int order by recorded_at, observed_at) as by_writing
        from history where attribute like '%waterLevel' group by uri order by uri
    """
    rows = await connection.fetch(statement)
    await connection.close()
    assert all(row["by_time"] == row["by_writing"] for row in rows)
    return [row["by_time"] for row in rows]


async def test_a_measure_is_read_with_both_apis(bench: IngestBench, broker: httpx.AsyncClient) -> None:
    await bench.provision(1)
    body = [{"level": level, "TimeInstant": f"2026-08-20T00:0{level}:00+09:00"} for level in (1, 7, 4)]
    assert (await bench.send("gauge-1", body)).status_code == 200
    ld = (await broker.get(f"/ngsi-ld/v1/entities/{entity_id(1)}", headers={"NGSILD-Tenant": "fukui"})).json()
    observed = "2026-08-19T15:07:00Z"
    assert ld["waterLevel"] == {"type": "Property", "value": 7, "unitCode": "MTR", "observedAt": observed}
    assert (ld["alertLevel"]["value"], ld["name"]["value"]) == (4, "観測所1")
    v2 = await broker.get(f"/v2/entities/{entity_id(1)}?options=keyValues", headers={"Fiware-Service": "fukui"})
    assert {name: v2.json()[name] for name in ("type", "waterLevel", "alertLevel", "dangerLevel")} == {
        "type": "WaterLevelObserved",
        "waterLevel": 7,
        "alertLevel": 4,
        "dangerLevel": 6.1,
    }


async def test_the_types_of_provisioning_are_those_that_ngsiv2_shows(
    bench: IngestBench, broker: httpx.AsyncClient
) -> None:
    types = {"t": "Celsius", "n": "Number", "i": "Integer", "at": "DateTime", "where": "geo:json"}
    attributes = [{"object_id": name, "name": name, "type": kind} for name, kind in types.items()]
    group = {"apikey": "rooms", "resource": "/iot/json", "entity_type": "Room", "attributes": attributes}
    assert (await bench.client.post("/iot/groups", json={"groups": [group]}, headers=HEADERS)).status_code == 201
    point = {"type": "Point", "coordinates": [136.2, 36.1]}
    body = {"t": 21.5, "n": 1, "i": 2, "at": "2026-08-20T00:00:00Z", "where": point}
    assert (await bench.send("r1", body, "rooms")).status_code == 200
    shown = (await broker.get("/v2/entities/urn:ngsi-ld:Room:r1", headers={"Fiware-Service": "fukui"})).json()
    assert {name: shown[name]["type"] for name in types} == types
    assert shown["t"]["value"] == 21.5


async def test_the_service_path_of_a_device_is_found_with_both_apis(
    bench: IngestBench, broker: httpx.AsyncClient
) -> None:
    headers = {"fiware-service": "fukui", "fiware-servicepath": "/rivers/north"}
    hall = {"object_id": "h", "name": "t", "entity_name": "urn:ngsi-ld:Hall:1", "entity_type": "Hall"}
    group = {"apikey": "k", "resource": "/iot/json", "entity_type": "Room", "attributes": [hall]}
    await bench.client.post("/iot/groups", json={"groups": [group]}, headers=headers)
    assert (await bench.send("d1", {"t": 1, "h": 2}, apikey="k")).status_code == 200
    for entity, value in (("urn:ngsi-ld:Room:d1", 1), ("urn:ngsi-ld:Hall:1", 2)):
        assert (await broker.get(f"/v2/entities/{entity}/attrs/t/value", headers=headers)).json() == value
    ld = await broker.get("/ngsi-ld/v1/entities?type=Room&scopeQ=/rivers/%23", headers={"NGSILD-Tenant": "fukui"})
    assert [each["id"] for each in ld.json()] == ["urn:ngsi-ld:Room:d1"]
    v2 = await broker.get("/v2/entities", headers={"Fiware-Service": "fukui", "Fiware-ServicePath": "/rivers/#"})
    assert {each["id"] for each in v2.json()} == {"urn:ngsi-ld:Room:d1", "urn:ngsi-ld:Hall:1"}


async def test_what_the_broker_refuses_is_parked_and_its_neighbours_are_stored(
    bench: IngestBench, broker: httpx.AsyncClient
) -> None:
    await bench.provision(1, 2)
    bad, good = await asyncio.gather(bench.send("gauge-1", {"level": 1, "a b": 2}), bench.send("gauge-2", {"level": 2}))
    assert (bad.status_code, good.status_code) == (400, 200)
    assert [letter["reason"] for letter in await bench.letters()] == ["broker-refuses"]
    listed = await broker.get("/ngsi-ld/v1/entities?type=WaterLevelObserved", headers={"NGSILD-Tenant": "fukui"})
    assert [each["id"] for each in listed.json()] == [entity_id(2)]


async def test_imported_files_are_queried_by_position(bench: IngestBench, broker: httpx.AsyncClient) -> None:
    content = (data() / "takamatsu" / "evacuation_space.csv").read_bytes()
    headers = {"Fiware-Service": "takamatsu", "Content-Type": "text/csv"}
    report = (await bench.client.post("/imports", content=content, headers=headers)).json()["report"]
    assert (report["accepted"], report["created"]) == (194, 194)
    near = {
        "type": "EvacuationSite",
        "georel": "near;maxDistance==500",
        "geometry": "Point",
        "coordinates": "[134.0457989,34.34377306]",
        "q": 'earthquake=="available"',
        "count": "true",
        "limit": "1",
    }
    found = await broker.get("/ngsi-ld/v1/entities", params=near, headers={"NGSILD-Tenant": "takamatsu"})
    assert found.status_code == 200
    assert int(found.headers["NGSILD-Results-Count"]) > 0
    again = await bench.client.post("/imports", content=content, headers=headers)
    assert again.json()["report"]["created"] == 0


async def test_an_imported_file_is_exported_as_it_was(bench: IngestBench) -> None:
    content = (data() / "takamatsu" / "municipal_parking.csv").read_bytes()
    headers = {"Fiware-Service": "takamatsu", "Content-Type": "text/csv"}
    parameters = {"name": "municipal_parking.csv"}
    run = (await bench.client.post("/imports", params=parameters, content=content, headers=headers)).json()
    for place in (f"runs/{run['id']}", "mappings/municipal-parking"):
        answer = await bench.client.get(f"/exports/{place}", headers=headers)
        assert answer.status_code == 200, answer.text
        back = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        published = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        assert sorted(back, key=lambda row: int(row["#property"])) == published
    answer = await bench.client.get("/exports/mappings/municipal-parking?encoding=cp932", headers=headers)
    assert answer.content.decode("cp932").count("\r\n") == 9
    nothing = await bench.client.get("/exports/mappings/park", headers=headers)
    assert (nothing.status_code, nothing.content.count(b"\n")) == (200, 1)
    assert (await bench.client.get("/exports/mappings/none", headers=headers)).status_code == 404
    assert (await bench.client.get("/exports/runs/99", headers=headers)).status_code == 404
    assert (await bench.client.get("/exports/mappings/park?encoding=utf-7", headers=headers)).status_code == 400


async def test_names_in_japanese_are_types_and_attributes(bench: IngestBench, broker: httpx.AsyncClient) -> None:
    text = "ID,名称,水深（m）,点検日,管理\n1,南,約3m,R5.4.1,市\n2,北,5,2023年4月2日,県\n3,西,6,令和5年4月3日,県\n"
    headers = {"Fiware-Service": "yaizu", "Fiware-ServicePath": "/roads"}
    run = await bench.client.post(
        "/imports", params={"name": "アンダーパス.csv"}, content=text.encode("cp932"), headers=headers
    )
    report = run.json()["report"]
    assert (report["accepted"], report["refused"]) == (3, [])
    asked = {"type": "アンダーパス", "options": "keyValues"}
    found = await broker.get("/ngsi-ld/v1/entities", params=asked, headers={"NGSILD-Tenant": "yaizu"})
    assert [each["管理"] for each in found.json()] == ["市", "県", "県"]
    back = await bench.client.get(f"/exports/runs/{run.json()['id']}?encoding=utf-8", headers=headers)
    assert back.text.splitlines()[:2] == ["ID,名称,水深（m）,点検日,管理", "1,南,約3m,2023-04-01,市"]


@pytest.mark.needs("mosquitto")
async def test_a_thousand_measures_over_mqtt_are_all_in_the_history(
    database_url: str, broker: httpx.AsyncClient, tmp_path: Path
) -> None:
    with mosquitto(tmp_path, "max_inflight_messages 2000", "max_queued_messages 0") as mqtt:
        url = str(broker.base_url)
        async with running_ingest(database_url, broker_url=url, mqtt_url=mqtt.url) as bench, device(mqtt) as sender:
            await bench.provision(*range(10))
            await until(lambda: bench.parts.receiver.is_connected)
            for value in range(100):
                for number in range(10):
                    at = f"2026-08-20T{value // 60:02}:{value % 60:02}:00Z"
                    sender.publish(f"/json/rivers/gauge-{number}/attrs", {"level": value, "TimeInstant": at})
            await until(lambda: _count(bench))
            for number in range(10):
                entity = await broker.get(
                    f"/ngsi-ld/v1/entities/{entity_id(number)}", headers={"NGSILD-Tenant": "fukui"}
                )
                assert entity.json()["waterLevel"]["value"] == 99
    assert await _levels(database_url) == [list(range(100))] * 10


async def _count(bench: IngestBench) -> bool:
    return 'hiroba_ingest_measures_total{outcome="accepted"} 1000.0' in (await bench.client.get("/metrics")).text
