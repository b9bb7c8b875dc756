"""Rows of resources through the CKAN action API: uploaded tables, and entities of live types."""

import dataclasses
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.catalog.domain.live_statistics import LiveAttribute, LiveStatistics
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

    async def search(**given: Any) -> Any:
        return await ask(client, "datastore_search", resource_id=resource, **given)

    written = await search(fields="台数,名称", records_format="csv")
    assert (written["records"], [each["id"] for each in written["fields"]]) == (
        "10,中央\n9,東\n,西\n",
        ["台数", "名称"],
    )
    ordered = await ask(
        client, "datastore_search", id=resource, sort=["台数 desc nulls last", "_id desc"], fields="台数"
    )
    assert [each["台数"] for each in ordered["records"]] == [10, 9, None]
    assert (await search(q={"区": "北", "名称": "西"}))["total"] == 1
    assert (await search(q='{"名称": "北"}', full_text="央"))["total"] == 0
    assert (await search(filters={"_id": [2, 3]}))["total"] == 2
    alike: dict[str, Any] = {"fields": ["区"], "distinct": True, "sort": "区 desc", "limit": 1}
    distinct = await search(offset=1, **alike)
    assert (distinct["records"], distinct["total"]) == ([{"区": "北"}], 2)
    links = distinct["_links"]
    assert set(links) == {"start", "next", "prev"}
    followed = (await client.get(links["prev"])).json()["result"]
    assert (followed["records"], followed["total"]) == ([{"区": "南"}], 2)
    info = await ask(client, "datastore_info", resource_id=resource)
    assert (info["meta"]["count"], len(info["fields"]), info["fields"][3]["schema"]["native_type"]) == (3, 4, "int")
    (shown,) = (await ask(client, "package_show", id="parking"))["resources"]
    assert shown["datastore_active"] is True


async def test_what_is_no_column_or_no_table_is_refused(client: httpx.AsyncClient) -> None:
    resource = await uploaded(client)
    assert "fields" in await ask(client, "datastore_search", 409, resource_id=resource, fields=["色"])
    for given in (
        {"filters": {"色": "赤"}},
        {"filters": {"_id": "x"}},
        {"filters": {"区": {"lt": 1}}},
        {"q": {"色": "赤"}},
        {"sort": "色"},
        {"fields": ["区"], "distinct": True, "sort": "名称"},
    ):
        refused = await ask(client, "datastore_search", 409, resource_id=resource, **given)
        assert refused["__type"] == "Validation Error"
    linked = (await publish(client, name="linked"))["distributions"][0]["id"]
    await ask(client, "datastore_search", 404, resource_id=linked)
    await ask(client, "datastore_search", 404, resource_id="nothing")


NAMES = ("上", "下", "下")
STATISTICS = LiveStatistics(
    3,
    (
        LiveAttribute("https://uri.etsi.org/ngsi-ld/name", "name", 3, values=("string",)),
        LiveAttribute("https://uri.etsi.org/ngsi-ld/default-context/waterLevel", "waterLevel", 3, values=("number",)),
    ),
)


def _in_address(pattern: str) -> str:
    parts = ("", "[streetAddress]", "[addressLocality]", "[addressRegion]")
    return f"({'|'.join(f'address{part}~={chr(34)}{pattern}{chr(34)}' for part in parts)})"


def _broker(asked: list[dict[str, Any]]) -> Starlette:
    """Return a context broker of three gauges that keeps what it was asked."""

    async def entities(request: Request) -> JSONResponse:
        asked.append({**request.query_params, "tenant": request.headers.get("ngsild-tenant")})
        known = [
            {"id": f"urn:{place}", "type": "WaterLevelObserved", "name": name, "waterLevel": place + 0.5}
            for place, name in enumerate(NAMES)
        ]
        part = known[int(request.query_params["offset"]) :][: int(request.query_params["limit"])]
        counted = {"NGSILD-Results-Count": "3"} if request.query_params.get("count") == "true" else {}
        return JSONResponse(part, headers=counted)

    return Starlette(routes=[Route("/ngsi-ld/v1/entities", entities)])


async def test_entities_of_a_live_type_are_rows(settings: CatalogSettings, catalogue: Catalogue) -> None:
    asked: list[dict[str, Any]] = []
    gauges = dataclasses.replace(GAUGES, attributes=(*GAUGES.attributes, "address"))
    known = dataclasses.replace(seen(gauges), statistics={GAUGES.entity_type: STATISTICS})
    await record_observation(catalogue, known)
    with served(_broker(asked)) as url:
        async with calling(create_app(settings.model_copy(update={"broker_url": url}))) as client:
            package = await ask(client, "package_show", id="fukui-waterlevelobserved")
            resource = package["resources"][0]["id"]

            async def search(status: int = 200, **given: Any) -> Any:
                return await ask(client, "datastore_search", status, resource_id=resource, **given)

            found = await search(filters={"name": ["上", "下"], "waterLevel": 1.5}, limit=1, offset=1)
            expected = {
                "_id": 2,
                "id": "urn:1",
                "type": "WaterLevelObserved",
                "waterLevel": 1.5,
                "name": "下",
                "address": None,
            }
            assert (found["records"], found["total"], found["total_was_estimated"]) == ([expected], 3, False)
            assert [each["type"] for each in found["fields"]] == ["int", "text", "text", "text", "numeric", "json"]
            assert (asked[-1]["q"], asked[-1]["tenant"]) == ('name=="上","下";waterLevel==1.5', "fukui")
            await search(q="b 7", sort="waterLevel desc, _id", filters={"id": ["urn:1", "urn:2"]}, include_total=False)
            pattern, digit = "[Bb\uff22\uff42]", "[7\uff17]"
            seven = f'(name~="{digit}"|waterLevel==7|{_in_address(digit)})'
            both = f'(name~="{pattern}"|waterLevel~="{pattern}"|{_in_address(pattern)});{seven}'
            assert (asked[-1]["q"], asked[-1]["orderBy"]) == (both, "waterLevel;desc,createdAt;asc")
            assert (asked[-1]["id"], "count" in asked[-1]) == ("urn:1,urn:2", False)
            await search(q={"name": "上", "waterLevel": "2", "address": "町"})
            assert asked[-1]["q"] == f'name~="上";waterLevel==2;{_in_address("町")}'
            alike = await search(fields="name", distinct=True, records_format="csv")
            assert (alike["records"], alike["total"]) == ("上\n下\n", 2)
            assert (await search(filters={"type": "Park"}))["total"] == 0
            whole = await search(limit=0)
            assert (whole["total"], whole["total_was_estimated"]) == (3, False)
            for given in (
                {"filters": {"a;b": 1}},
                {"q": {"x": "y"}},
                {"sort": "x"},
                {"q": '"'},
                {"filters": {"id": "x"}},
            ):
                assert (await search(409, **given))["__type"] == "Validation Error", given
