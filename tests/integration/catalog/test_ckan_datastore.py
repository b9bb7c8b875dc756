"""Rows of resources through the CKAN action API: uploaded tables, and entities of live types."""

from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.catalog.main import create_app
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.record_observation import record_observation
from services.catalog.settings import CatalogSettings
from tests.integration.catalog.conftest import GAUGES, TAKAMATSU, seen
from tests.integration.catalog.test_ckan_writing import ask
from tests.integration.catalog.test_datasets import publish
from tests.support.lifespan import calling
from tests.support.serving import served

CSV = "名称,区,台数\n中央,北,10\n東,南,9\n西,北,\n".encode()


async def uploaded(client: httpx.AsyncClient) -> str:
    await publish(client, name="parking", distributions=[])
    parameters = {"dataset": "parking", "name": "parking.csv"}
    answer = await client.post(
        "/files", params=parameters, content=CSV, headers={**TAKAMATSU, "Content-Type": "text/csv"}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_rows_of_an_uploaded_table_are_searched(client: httpx.AsyncClient) -> None:
    resource = await uploaded(client)
    found = await ask(client, "datastore_search", resource_id=resource)
    assert [(each["id"], each["type"]) for each in found["fields"]] == [
        ("_id", "int"),
        ("名称", "text"),
        ("区", "text"),
        ("台数", "int"),
    ]
    assert (found["total"], found["records"][0]["名称"]) == (3, "中央")
    north = await ask(client, "datastore_search", resource_id=resource, filters={"区": ["北"]}, sort="名称 desc")
    assert [each["名称"] for each in north["records"]] == ["西", "中央"]
    assert (await ask(client, "datastore_search", resource_id=resource, q="南"))["total"] == 1
    part = await ask(client, "datastore_search", resource_id=resource, limit=1, offset=1, fields=["名称"])
    assert (part["records"], part["total"]) == ([{"名称": "東"}], 3)
    written = await ask(client, "datastore_search", resource_id=resource, fields="名称", records_format="csv")
    assert written["records"] == "中央\n東\n西\n"
    info = await ask(client, "datastore_info", id=resource)
    assert (info["meta"]["count"], len(info["fields"])) == (3, 4)
    (shown,) = (await ask(client, "package_show", id="parking"))["resources"]
    assert shown["datastore_active"] is True


async def test_what_is_no_column_or_no_table_is_refused(client: httpx.AsyncClient) -> None:
    resource = await uploaded(client)
    assert "fields" in await ask(client, "datastore_search", 409, resource_id=resource, fields=["色"])
    assert (await ask(client, "datastore_search", 409, resource_id=resource, filters={"色": "赤"}))["__type"]
    linked = (await publish(client, name="linked"))["distributions"][0]["id"]
    await ask(client, "datastore_search", 404, resource_id=linked)
    await ask(client, "datastore_search", 404, resource_id="nothing")


async def test_entities_of_a_live_type_are_rows(settings: CatalogSettings, catalogue: Catalogue) -> None:
    asked: list[dict[str, Any]] = []

    async def entities(request: Request) -> JSONResponse:
        asked.append({**request.query_params, "tenant": request.headers.get("ngsild-tenant")})
        return JSONResponse([{"id": "urn:1", "type": "WaterLevelObserved", "waterLevel": 1.5}])

    await record_observation(catalogue, seen(GAUGES))
    broker = Starlette(routes=[Route("/ngsi-ld/v1/entities", entities)])
    with served(broker) as url:
        async with calling(create_app(settings.model_copy(update={"broker_url": url}))) as client:
            package = await ask(client, "package_show", id="fukui-waterlevelobserved")
            resource = package["resources"][0]["id"]
            filters = {"name": ["上", "下"], "waterLevel": 1.5}
            found = await ask(client, "datastore_search", resource_id=resource, filters=filters, limit=5, offset=10)
            assert found["records"][0] == {
                "_id": 11,
                "id": "urn:1",
                "type": "WaterLevelObserved",
                "waterLevel": 1.5,
                "name": None,
            }
            whole = await ask(client, "datastore_search", resource_id=resource, limit=0)
            assert (whole["total"], whole["total_was_estimated"]) == (103, True)
            assert "filters" in await ask(client, "datastore_search", 409, resource_id=resource, filters={"a;b": 1})
            assert "q" in await ask(client, "datastore_search", 409, resource_id=resource, q="x")
    assert (asked[0]["q"], asked[0]["tenant"]) == ('name=="上","下";waterLevel==1.5', "fukui")
