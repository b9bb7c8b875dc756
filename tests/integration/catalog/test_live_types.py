"""Live data sets: one for each entity type of a tenant, kept current."""

import asyncio
import dataclasses
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from services.broker.main import create_app as create_broker
from services.broker.settings import BrokerSettings
from services.catalog.domain.live_statistics import LiveAttribute, LiveStatistics
from services.catalog.domain.observation import Observation
from services.catalog.live.follow import follow
from services.catalog.main import create_app
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.record_observation import record_observation
from services.catalog.settings import CatalogSettings
from services.catalog.store.tables import dataset
from services.kernel.app import background
from services.kernel.errors import UnknownTenant
from services.kernel.postgres import open_pool
from tests.integration.catalog.conftest import GAUGES, seen
from tests.support.lifespan import calling
from tests.support.serving import served

FUKUI = {"Fiware-Service": "fukui"}
NAME = "/datasets/fukui-waterlevelobserved"
LINKED = "/dataset/fukui-waterlevelobserved.jsonld"


async def test_a_new_type_becomes_a_data_set_of_its_tenant(catalogue: Catalogue, client: httpx.AsyncClient) -> None:
    await record_observation(catalogue, seen(GAUGES))
    found = (await client.get(NAME)).json()
    assert found["titles"]["ja"] == "河川水位（福井県・ライブデータ）"
    assert found["live"] == {
        "entity_type": GAUGES.entity_type,
        "type_name": "WaterLevelObserved",
        "attributes": ["name", "waterLevel"],
        "entity_count": 103,
    }
    assert (found["kind"], found["spatial"], found["frequency"]) == ("live", "180009", "UPDATE_CONT")
    assert [each["interface"] for each in found["distributions"][:2]] == ["ngsi-ld", "ngsi-v2"]
    assert {each["format"]: each["download_url"] for each in found["distributions"][2:]} == {
        "CSV": "https://data.example.jp/datasets/fukui-waterlevelobserved/download.csv",
        "GeoJSON": "https://data.example.jp/datasets/fukui-waterlevelobserved/download.geojson",
        "Parquet": "https://data.example.jp/datasets/fukui-waterlevelobserved/download.parquet",
    }


async def test_the_same_observation_again_touches_no_row(catalogue: Catalogue) -> None:
    await record_observation(catalogue, seen(GAUGES))

    async def version() -> Any:
        async with catalogue.engine.connect() as connection:
            return (await connection.exec_driver_sql("select xmin, xmax, ctid, updated_at from dataset")).all()

    before = await version()
    assert (await record_observation(catalogue, seen(GAUGES))).is_empty
    assert await version() == before


async def test_a_change_touches_only_the_data_set_that_changed(catalogue: Catalogue, client: httpx.AsyncClient) -> None:
    rain = dataclasses.replace(GAUGES, entity_type="https://e.jp/Rain", type_name="Rain")
    await record_observation(catalogue, seen(GAUGES, rain))
    before = (await client.get("/datasets/fukui-rain")).json()
    difference = await record_observation(catalogue, seen(dataclasses.replace(GAUGES, entity_count=104), rain))
    assert [each.name for each in difference.changed] == ["fukui-waterlevelobserved"]
    changed = (await client.get(NAME)).json()
    assert changed["live"]["entity_count"] == 104
    assert changed["modified"] == changed["updated_at"][:23] + "Z"
    assert (await client.get("/datasets/fukui-rain")).json() == before


async def test_a_type_that_vanishes_is_withdrawn_and_comes_back_as_the_same(
    catalogue: Catalogue, client: httpx.AsyncClient
) -> None:
    await record_observation(catalogue, seen(GAUGES))
    first = (await client.get(NAME)).json()
    await record_observation(catalogue, seen())
    assert (await client.get(NAME)).json()["state"] == "withdrawn"
    assert (await record_observation(catalogue, seen())).is_empty
    revived = await client.patch(NAME, json={"state": "published"}, headers=FUKUI)
    assert (revived.status_code, revived.headers["content-type"]) == (409, "application/problem+json")
    await record_observation(catalogue, seen(GAUGES))
    assert (await client.get(NAME)).json()["id"] == first["id"]


async def test_what_a_publisher_withdraws_stays_withdrawn(catalogue: Catalogue, client: httpx.AsyncClient) -> None:
    await record_observation(catalogue, seen(GAUGES))
    await client.patch(NAME, json={"state": "withdrawn"}, headers=FUKUI)
    for observation in (seen(GAUGES), seen(), seen(GAUGES)):
        await record_observation(catalogue, observation)
        assert (await client.get(NAME)).json()["state"] == "withdrawn"
    assert (await client.patch(NAME, json={"state": "published"}, headers=FUKUI)).status_code == 200


async def test_what_a_publisher_edits_stays_while_the_facts_move_on(
    catalogue: Catalogue, client: httpx.AsyncClient
) -> None:
    await record_observation(catalogue, seen(GAUGES))
    asked = "/datasets?theme=JUST&facet=theme"
    assert (await client.get(asked)).json()["facets"]["theme"] == {"ENVI": 1, "JUST": 1}
    edit = {"titles": {"ja": "足羽川などの水位"}, "licence": "CC-BY-4.0", "themes": ["ENVI"]}
    assert (await client.patch(NAME, json=edit, headers=FUKUI)).status_code == 200
    await record_observation(catalogue, seen(dataclasses.replace(GAUGES, attributes=("alertLevel",), entity_count=1)))
    found = (await client.get(NAME)).json()
    assert {name: found[name] for name in edit} == edit
    assert (await client.get(asked)).json()["total"] == 0
    assert (found["live"]["attributes"], found["live"]["entity_count"]) == (["alertLevel"], 1)
    assert "警戒レベル" in found["descriptions"]["ja"]


def _known(changed_at: datetime, count: int = 103) -> Observation:
    level = LiveAttribute("https://e.jp/waterLevel", "waterLevel", 90, ("Property",), ("number",), ("MTR",))
    statistics = LiveStatistics(count, (level,), (135.9, 35.8, 136.4, 36.2), changed_at)
    return Observation("fukui", (dataclasses.replace(GAUGES, entity_count=count),), {GAUGES.entity_type: statistics})


async def test_what_is_known_of_the_entities_is_told_and_the_data_set_follows_it(
    catalogue: Catalogue, client: httpx.AsyncClient
) -> None:
    changed_at = datetime(2026, 1, 31, 3, 4, 5, tzinfo=UTC)
    await record_observation(catalogue, _known(changed_at))
    found = (await client.get(NAME)).json()
    assert (found["modified"], found["box"]) == ("2026-01-31T03:04:05.000Z", [135.9, 35.8, 136.4, 36.2])
    observed = (await client.get(f"{NAME}/observed")).json()
    assert (observed["entity_count"], observed["changed_at"]) == (103, "2026-01-31T03:04:05Z")
    (level,) = observed["attributes"]
    assert (level["share"], level["units"], level["values"]) == (0.8738, ["MTR"], ["number"])


async def test_a_change_of_entities_within_a_minute_writes_no_data_set_but_is_told(
    catalogue: Catalogue, client: httpx.AsyncClient
) -> None:
    first = datetime(2026, 1, 31, tzinfo=UTC)
    await record_observation(catalogue, _known(first))
    assert (await record_observation(catalogue, _known(first + timedelta(seconds=30)))).is_empty
    assert (await client.get(f"{NAME}/observed")).json()["changed_at"] == "2026-01-31T00:00:30Z"
    assert not (await record_observation(catalogue, _known(first + timedelta(seconds=90)))).is_empty
    assert (await client.get(NAME)).json()["modified"] == "2026-01-31T00:01:30.000Z"


async def test_a_live_data_set_cannot_be_deleted(catalogue: Catalogue, client: httpx.AsyncClient) -> None:
    await record_observation(catalogue, seen(GAUGES))
    assert (await client.delete(NAME, headers=FUKUI)).status_code == 409


async def test_a_tenant_that_auth_has_not_told_of_waits_until_it_does(
    catalogue: Catalogue, client: httpx.AsyncClient
) -> None:
    class OnceTold:
        async def observations(self) -> AsyncIterator[Observation]:
            yield seen(GAUGES, tenant="takamatsu")
            await asyncio.Event().wait()

    with pytest.raises(UnknownTenant):
        await record_observation(catalogue, seen(GAUGES, tenant="takamatsu"))
    async with background(follow(catalogue, OnceTold())):
        await asyncio.sleep(0)
        await catalogue.tenants.find_or_create("takamatsu")
        await _until(client, "/datasets/takamatsu-waterlevelobserved", 200)


async def test_two_replicas_that_see_a_new_type_at_once_make_one_data_set(catalogue: Catalogue) -> None:
    work = [record_observation(catalogue, seen(GAUGES)) for _ in range(2)]
    await asyncio.gather(*work, return_exceptions=True)
    async with catalogue.engine.connect() as connection:
        assert len((await connection.execute(dataset.select())).all()) == 1


async def _until(client: httpx.AsyncClient, path: str, wanted: int) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            answer = await client.get(path)
            if answer.status_code == wanted:
                found: dict[str, Any] = answer.json()
                return found
            await asyncio.sleep(0.05)


async def _download_in_every_form(catalog: httpx.AsyncClient, entity_id: object) -> None:
    answer = await catalog.get(f"{NAME}/download.csv", params={"labels": "ja", "bom": "true"})
    assert answer.headers["content-disposition"] == 'attachment; filename="fukui-waterlevelobserved.csv"'
    heading, row = answer.content.decode("utf-8-sig").splitlines()
    assert (heading.split(",")[:2], row) == (["ID", "種別"], f"{entity_id},WaterLevelObserved,1.2")
    features = (await catalog.get(f"{NAME}/download.geojson")).json()["features"]
    assert [each["properties"]["waterLevel"] for each in features] == [1.2]
    file = (await catalog.get(f"{NAME}/download.parquet")).content
    assert pq.read_table(io.BytesIO(file)).column("waterLevel").to_pylist() == [1.2]
    lines = (await catalog.get(f"{NAME}/download.ndjson", params={"attrs": "waterLevel"})).text
    assert json.loads(lines) == {"id": entity_id, "type": "WaterLevelObserved", "waterLevel": 1.2}
    for form in ("jsonld", "json"):
        (entity,) = (await catalog.get(f"{NAME}/download.{form}")).json()
        assert (entity["id"], entity["waterLevel"]["value"]) == (entity_id, 1.2)
    period = {"labels": "en", "from": "2020-01-01T00:00:00Z", "to": "2999-01-01T00:00:00"}
    heading, row = (await catalog.get(f"{NAME}/history.csv", params=period)).text.splitlines()
    assert heading.startswith("Identifier,Type,Attribute,Value,Unit code,Observed at,Recorded at,Change")
    assert row.split(",")[:5] == [str(entity_id), "WaterLevelObserved", "waterLevel", "1.2", "MTR"]
    refused = await catalog.get(f"{NAME}/download.csv", params={"attrs": "unknown"})
    assert (refused.status_code, refused.json()["field"]) == (400, "attrs")
    for path, name in (("download.csv", "q"), ("history.csv", "bbox")):
        refused = await catalog.get(f"{NAME}/{path}", params={name: "1"})
        assert (refused.status_code, refused.json()["field"]) == (400, name)
    assert (await catalog.get("/datasets/nothing/download.csv")).status_code == 404


async def test_while_the_broker_is_away_a_download_says_so(catalogue: Catalogue, client: httpx.AsyncClient) -> None:
    await record_observation(catalogue, seen(GAUGES))
    answer = await client.get(f"{NAME}/download.csv")
    assert (answer.status_code, answer.json()["title"]) == (503, "Service Unavailable")
    assert answer.headers["retry-after"]


async def test_the_catalogue_follows_a_real_broker(database_url: str, settings: CatalogSettings) -> None:
    broker = create_broker(
        BrokerSettings(database_url=database_url, tenant_creation="on-write", auth_url="http://127.0.0.1:9")
    )
    pool = await open_pool(database_url, schema="catalog", size=1)
    await pool.execute("insert into tenant (name) values ('fukui')")
    await pool.close()
    gauge = {
        "id": "urn:ngsi-ld:WaterLevelObserved:fukui-1",
        "type": "WaterLevelObserved",
        "waterLevel": {"type": "Property", "value": 1.2, "unitCode": "MTR"},
    }
    with served(broker) as url:
        following = settings.model_copy(
            update={"broker_url": url, "broker_public_url": "", "catalog_live_interval_s": 0.1}
        )
        async with calling(create_app(following)) as catalog, httpx.AsyncClient(base_url=url) as hub:
            tenant = {"NGSILD-Tenant": "fukui"}
            created = await hub.post("/ngsi-ld/v1/entities", json=gauge, headers=tenant)
            assert created.status_code == 201, created.text
            found = await _until(catalog, NAME, 200)
            assert (found["live"]["entity_count"], found["live"]["attributes"]) == (1, ["waterLevel"])
            for each in found["distributions"][:2]:
                headers = {"Fiware-Service": each["fields"]["ngsi_tenant"]}
                entities = (await hub.get(each["access_url"], headers=headers)).json()
                assert [entity["id"] for entity in entities] == [gauge["id"]]
            await _download_in_every_form(catalog, gauge["id"])
            await hub.delete(f"/ngsi-ld/v1/entities/{gauge['id']}", headers=tenant)
            await _until(catalog, LINKED, 404)
