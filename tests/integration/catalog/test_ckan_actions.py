"""The CKAN action API, in CKAN's own dialect."""

import json
from typing import Any

import httpx
import pytest

from services.catalog.main import create_app
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.record_observation import record_observation
from services.catalog.settings import CatalogSettings
from tests.integration.catalog.conftest import GAUGES, TAKAMATSU, seen
from tests.integration.catalog.test_datasets import PARKS
from tests.support.lifespan import calling

API = "/api/3/action"


async def act(client: httpx.AsyncClient, action: str, **parameters: Any) -> Any:
    """Call an action by POST with JSON and return its result."""
    answer = await client.post(f"{API}/{action}", json=parameters)
    body = answer.json()
    assert (answer.status_code, body["success"]) == (200, True), body
    assert body["help"] == f"https://data.example.jp/api/3/action/help_show?name={action}"
    return body["result"]


async def search(client: httpx.AsyncClient, **parameters: Any) -> Any:
    return await act(client, "package_search", **parameters)


async def test_packages_are_listed_by_name(takamatsu: httpx.AsyncClient) -> None:
    names = await act(takamatsu, "package_list")
    assert len(names) == 113
    assert names == sorted(names)
    assert await act(takamatsu, "package_list", limit=2, offset=1) == names[1:3]
    assert await act(takamatsu, "package_list", limit=0) == []


async def test_a_package_has_the_fields_that_clients_expect(takamatsu: httpx.AsyncClient) -> None:
    package = await act(takamatsu, "package_show", id="environmental_facilities")
    assert await act(takamatsu, "package_show", id=package["id"]) == package
    expected = {
        "name": "environmental_facilities",
        "title": "環境施設",
        "type": "dataset",
        "state": "active",
        "private": False,
        "license_id": "CC-unspecified",
        "isopen": False,
        "num_resources": 4,
        "num_tags": 1,
        "url": "https://opendata.smartcity-takamatsu.jp/ckan/dataset/environmental_facilities",
    }
    assert {name: package[name] for name in expected} == expected
    assert package["organization"]["name"] == "takamatsu"
    assert package["tags"][0]["display_name"] == "くらし"
    assert [each["format"] for each in package["resources"]] == ["XLSX", "TXT", "RDF", "データモデル定義"]
    assert {each["package_id"] for each in package["resources"]} == {package["id"]}
    extras = {each["key"]: each["value"] for each in package["extras"]}
    assert (extras["license_text"], extras["spatial_code"], extras["kind"]) == ("CCライセンス", "372013", "file")


async def test_a_live_packages_resources_carry_caddes_fields(client: httpx.AsyncClient, catalogue: Catalogue) -> None:
    await record_observation(catalogue, seen(GAUGES))
    package = await act(client, "package_show", id="fukui-waterlevelobserved")
    v2 = next(each for each in package["resources"] if each["format"] == "NGSIv2")
    assert v2["url"] == "https://broker.example.jp/v2/entities?type=WaterLevelObserved"
    expected = {
        "caddec_resource_type": "api/ngsi",
        "ngsi_tenant": "fukui",
        "ngsi_entity_type": "WaterLevelObserved",
        "ngsi_service_path": "/#",
        "ngsi_data_model": {"attrs": {"name": {}, "waterLevel": {}}},
    }
    assert {name: v2[name] for name in expected} == expected


async def test_caddes_provider_id_is_shown_where_the_hub_has_one(settings: CatalogSettings) -> None:
    providing = settings.model_copy(update={"catalog_cadde_provider": "provider1"})
    async with calling(create_app(providing)) as client:
        await client.post("/datasets", json=PARKS, headers=TAKAMATSU)
        package = await act(client, "package_show", id="parks")
        found = await act(client, "package_search", fq=f"caddec_dataset_id_for_detail:{package['id']}")
        assert [each["name"] for each in found["results"]] == ["parks"]
    extras = {each["key"]: each["value"] for each in package["extras"]}
    assert (extras["caddec_provider_id"], extras["caddec_dataset_id_for_detail"]) == ("provider1", package["id"])


async def test_every_way_of_asking_gets_the_same_answer(takamatsu: httpx.AsyncClient) -> None:
    wanted = {"q": "施設", "rows": 3, "facet.field": ["tags"]}
    by_json = await takamatsu.post(f"{API}/package_search", json=wanted)
    text = {"q": "施設", "rows": "3", "facet.field": '["tags"]'}
    answers = [
        await takamatsu.get(f"{API}/package_search", params=text),
        await takamatsu.get("/api/action/package_search", params=text),
        await takamatsu.post(f"{API}/package_search", data=text),
        await takamatsu.post(f"{API}/package_search", files={name: (None, value) for name, value in text.items()}),
        await takamatsu.post(f"{API}/package_search", params=text),
        await takamatsu.post(
            f"{API}/package_search",
            content=json.dumps(wanted),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        ),
    ]
    assert by_json.json()["result"]["count"] == 26
    assert [answer.json() for answer in answers] == [by_json.json()] * len(answers)


async def test_search_finds_japanese_words_and_ranks_titles_first(takamatsu: httpx.AsyncClient) -> None:
    found = await search(takamatsu, q="公園", rows=100)
    in_title = ["公園" in each["title"] for each in found["results"]]
    assert found["count"] == 16
    assert in_title == sorted(in_title, reverse=True)
    assert (await search(takamatsu, q="ＡＥＤ"))["results"][0]["name"] == "aed_location"
    assert (await search(takamatsu, q="避難所が見つからない言葉"))["count"] == 0


async def test_filters_are_joined(takamatsu: httpx.AsyncClient) -> None:
    await takamatsu.post("/datasets", json=PARKS, headers={"Fiware-Service": "sakaide"})

    async def count(**parameters: Any) -> int:
        return int((await search(takamatsu, **parameters))["count"])

    assert await count() == 114
    assert await count(fq="organization:sakaide") == 1
    assert await count(fq="-organization:sakaide") == 113
    assert await count(fq='tags:"保健・医療・福祉"') == 17
    assert await count(fq='tags:"保健-医療-福祉"') == 17
    assert await count(fq="res_format:CSV OR res_format:PDF") == 3
    assert await count(fq="res_format:xlsx AND license_id:CC-unspecified") == 111
    assert await count(fq_list=["organization:takamatsu", "theme:TRAN"]) == 6
    assert await count(q="公園", fq="organization:sakaide") == 1
    assert await count(fq="name:community*") == 1
    assert await count(fq="state:active dataset_type:dataset private:false") == 114
    assert await count(fq="metadata_modified:[2020-01-01T00:00:00Z TO *]") == 114
    assert await count(fq="metadata_modified:[* TO 2020-01-01T00:00:00Z]") == 0
    assert await count(fq="theme:*") == 114
    assert await count(fq="ngsi_entity_type:*") == 0


async def test_a_connectors_detail_search_finds_the_package(takamatsu: httpx.AsyncClient) -> None:
    package = await act(takamatsu, "package_show", name_or_id="aed_location")
    found = await takamatsu.get(f'{API}/package_search?fq=id:"{package["id"]}"')
    assert [each["name"] for each in found.json()["result"]["results"]] == ["aed_location"]


async def test_pages_and_orders_cover_everything_once(takamatsu: httpx.AsyncClient) -> None:
    names: list[str] = []
    for start in range(0, 120, 40):
        page = await search(takamatsu, rows=40, start=start, sort="name desc")
        names += [each["name"] for each in page["results"]]
    assert names == sorted(names, reverse=True)
    assert len(names) == 113
    assert (await search(takamatsu, rows=0))["results"] == []
    assert (await search(takamatsu, fq="metadata_modified:[NOW-1DAY TO NOW]", rows=0))["count"] == 113
    assert (await search(takamatsu, ext_bbox="134,34,135,35", rows=0))["count"] == 0, "none of them states an area"
    tag = await act(takamatsu, "tag_show", id="防災施設", include_datasets=True)
    assert "tsunami" in " ".join(each["name"] for each in tag["packages"])
    assert len((await search(takamatsu, rows=5000))["results"]) == 113


async def test_facets_count_the_whole_result(takamatsu: httpx.AsyncClient) -> None:
    found = await search(takamatsu, rows=1, **{"facet.field": ["organization", "tags", "res_format", "theme"]})
    facets = found["search_facets"]
    assert facets["organization"]["items"] == [{"name": "takamatsu", "display_name": "takamatsu", "count": 113}]
    assert facets["tags"]["items"][0] == {"name": "くらし", "display_name": "くらし", "count": 29}
    assert found["facets"]["res_format"] == {"rdf": 111, "txt": 111, "xlsx": 111, "データモデル定義": 111, "pdf": 2}
    assert {each["name"]: each["display_name"] for each in facets["theme"]["items"]}["HEAL"] == "Health"
    short = await search(takamatsu, **{"facet.field": ["tags"], "facet.limit": 2})
    assert len(short["search_facets"]["tags"]["items"]) == 2
    frequent = await search(takamatsu, **{"facet.field": ["tags"], "facet.mincount": 20})
    assert frequent["facets"]["tags"] == {"くらし": 29}
    assert (await search(takamatsu, facet="false", **{"facet.field": ["tags"]}))["search_facets"] == {}


async def test_organizations_are_the_tenants_with_packages(takamatsu: httpx.AsyncClient, catalogue: Catalogue) -> None:
    await record_observation(catalogue, seen(GAUGES))
    assert await act(takamatsu, "organization_list") == ["fukui", "takamatsu"]
    full = await act(takamatsu, "organization_list", all_fields=True)
    assert [(each["title"], each["package_count"]) for each in full] == [("福井県", 1), ("takamatsu", 113)]
    assert await act(takamatsu, "organization_list", limit=1, offset=1) == ["takamatsu"]
    assert await act(takamatsu, "organization_list", sort="package_count desc") == ["takamatsu", "fukui"]
    fukui = await act(takamatsu, "organization_show", id="fukui", include_datasets="true")
    assert (fukui["title"], fukui["package_count"]) == ("福井県", 1)
    assert [each["name"] for each in fukui["packages"]] == ["fukui-waterlevelobserved"]


async def test_the_default_tenant_has_a_name_too(client: httpx.AsyncClient) -> None:
    assert (await client.post("/datasets", json=PARKS)).status_code == 201
    assert await act(client, "organization_list") == ["default-tenant"]
    assert (await search(client, fq="organization:default-tenant"))["count"] == 1


async def test_licences_tags_and_the_site_are_told(takamatsu: httpx.AsyncClient) -> None:
    licences = {each["id"]: each for each in await act(takamatsu, "license_list")}
    assert licences["CC-BY-4.0"]["url"] == "https://creativecommons.org/licenses/by/4.0/"
    tags = await act(takamatsu, "tag_list")
    assert tags == sorted(tags)
    assert "観光-産業" in tags
    assert await act(takamatsu, "tag_list", query="観光") == ["観光-産業"]
    assert (await act(takamatsu, "status_show"))["site_url"] == "https://data.example.jp"
    assert await act(takamatsu, "site_read") is True
    assert "Search packages" in await act(takamatsu, "help_show", name="package_search")
    assert (await takamatsu.get("/api/3")).json() == {"version": 3}


@pytest.mark.parametrize(
    ("action", "parameters", "status", "kind"),
    [
        ("package_show", {"id": "nothing"}, 404, "Not Found Error"),
        ("organization_show", {"id": "nothing"}, 404, "Not Found Error"),
        ("help_show", {"name": "nothing"}, 404, "Not Found Error"),
        ("package_show", {}, 409, "Validation Error"),
        ("package_search", {"rows": "many"}, 409, "Validation Error"),
        ("package_search", {"start": -1}, 409, "Validation Error"),
        ("package_search", {"start": 10**30}, 409, "Validation Error"),
        ("package_search", {"facet.field": "[1"}, 409, "Validation Error"),
        ("package_search", {"q": ["a", "b"]}, 409, "Validation Error"),
        ("package_search", {"fq": "colour:red"}, 400, "Search Query Error"),
        ("package_search", {"q": '"open'}, 400, "Search Query Error"),
        ("package_search", {"ext_bbox": "1,2,3"}, 409, "Validation Error"),
        ("organization_list", {"sort": "colour asc"}, 409, "Validation Error"),
        ("package_search", {"sort": "colour asc"}, 400, "Search Query Error"),
        ("package_search", {"facet.field": ["colour"]}, 400, "Search Query Error"),
        ("package_search", {"q": "a\0b"}, 400, "InvalidRequest"),
    ],
)
async def test_a_refusal_is_in_ckans_words(
    client: httpx.AsyncClient, action: str, parameters: dict[str, Any], status: int, kind: str
) -> None:
    answer = await client.post(f"{API}/{action}", json=parameters)
    body = answer.json()
    assert (answer.status_code, body["success"], body["error"]["__type"]) == (status, False, kind)
    assert body["help"].endswith(f"name={action}")
    if kind == "Validation Error":
        assert all(isinstance(said, list) for name, said in body["error"].items() if name != "__type")
    else:
        assert body["error"]["message"]


@pytest.mark.parametrize(
    ("path", "content", "sentence"),
    [
        (f"{API}/package_melt", b"", "Bad request - Action name not known: package_melt"),
        (f"{API}/package_list", b"{", "Bad request - JSON Error: "),
        (f"{API}/package_list", b"[]", "Bad request - JSON Error: the body must be an object"),
        (f"{API}/package_list", b"\xff", "Bad request - JSON Error: "),
    ],
)
async def test_a_request_that_cannot_be_read_is_answered_with_a_sentence(
    client: httpx.AsyncClient, path: str, content: bytes, sentence: str
) -> None:
    answer = await client.post(path, content=content)
    assert answer.status_code == 400
    assert answer.json().startswith(sentence)


async def test_other_methods_and_paths_are_refused_in_the_envelope(client: httpx.AsyncClient) -> None:
    wrong_method = await client.put(f"{API}/package_list", json={})
    assert (wrong_method.status_code, wrong_method.headers["Allow"]) == (405, "GET, POST")
    wrong_path = await client.get("/api/2/rest/dataset")
    assert (wrong_path.status_code, wrong_path.json()["error"]["__type"]) == (404, "Not Found Error")


async def test_too_many_form_fields_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{API}/package_list", data={f"f{number}": "x" for number in range(300)})
    assert answer.status_code == 400


async def test_the_actions_are_in_the_openapi_document(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    search_ = document["paths"]["/api/3/action/package_search"]
    assert {each["name"] for each in search_["get"]["parameters"]} >= {
        "q",
        "fq",
        "rows",
        "start",
        "sort",
        "facet.field",
    }
    assert search_["post"]["responses"]["404"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/CkanRefusal"
    }
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert all("description" in each for each in operation.get("parameters", ())), path
