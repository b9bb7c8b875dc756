"""Files of data sets: uploaded, looked into, validated, converted, deleted."""

import hashlib
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.catalog.main import create_app
from services.catalog.settings import CatalogSettings
from tests.integration.catalog.conftest import TAKAMATSU
from tests.support.lifespan import calling
from tests.support.serving import served

CSV = "名称,区,台数\n中央,北,10\n東,南,9\n西,北,\n".encode("cp932")


@pytest.fixture
async def dataset(client: httpx.AsyncClient) -> str:
    body = {"titles": {"ja": "駐輪場"}, "descriptions": {"ja": "市の駐輪場"}, "name": "parking"}
    answer = await client.post("/datasets", json=body, headers=TAKAMATSU)
    assert answer.status_code == 201, answer.text
    return "parking"


async def upload(client: httpx.AsyncClient, name: str, content: bytes, **headers: str) -> dict[str, Any]:
    parameters = {"dataset": "parking", "name": name}
    answer = await client.post("/files", params=parameters, content=content, headers={**TAKAMATSU, **headers})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_an_uploaded_table_is_looked_into_and_becomes_a_distribution(
    client: httpx.AsyncClient, dataset: str
) -> None:
    file = await upload(client, "駐輪場.csv", CSV, **{"Content-Type": "text/csv"})
    checksum = hashlib.sha256(CSV).hexdigest()
    assert (file["encoding"], file["delimiter"], file["table_rows"], file["checksum"]) == ("cp932", ",", 3, checksum)
    assert [(each["name"], each["type"], each["missing"]) for each in file["columns"]] == [
        ("名称", "string", 0),
        ("区", "string", 0),
        ("台数", "integer", 1),
    ]
    (form,) = (await client.get(f"/datasets/{dataset}")).json()["distributions"]
    assert (form["id"], form["format"], form["title"]) == (file["id"], "CSV", "駐輪場.csv")
    assert form["download_url"] == file["url"]
    path = file["url"].removeprefix("https://data.example.jp")
    downloaded = await client.get(path)
    assert (downloaded.content, downloaded.headers["etag"]) == (CSV, f'"{checksum}"')
    assert downloaded.headers["content-disposition"].startswith("attachment;")
    assert downloaded.headers["content-type"] == "text/csv; charset=Shift_JIS"
    assert "sandbox" in downloaded.headers["content-security-policy"]


async def test_rows_are_read_by_page_word_cell_and_order(client: httpx.AsyncClient, dataset: str) -> None:
    file = await upload(client, "a.csv", CSV)

    async def rows(**asked: Any) -> Any:
        answer = await client.get(f"/files/{file['id']}/rows", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()["total"], [row[0] for row in answer.json()["rows"]]

    assert await rows() == (3, ["中央", "東", "西"])
    assert await rows(limit=1, offset=1) == (3, ["東"])
    assert await rows(where=["区=北"]) == (2, ["中央", "西"])
    assert await rows(where=["区=北", "区=南"], q="央") == (1, ["中央"])
    assert await rows(sort="台数") == (3, ["東", "中央", "西"]), "numbers are compared as numbers, none comes last"
    assert await rows(sort="-名称") == (3, ["西", "東", "中央"])
    refused = await client.get(f"/files/{file['id']}/rows", params={"sort": "無"})
    assert (refused.status_code, refused.json()["field"]) == (400, "無")
    refused = await client.get(f"/files/{file['id']}/rows", params={"where": "名称"})
    assert (refused.status_code, refused.json()["field"]) == (400, "where")


async def test_a_file_of_the_same_name_is_replaced_and_keeps_its_address(
    client: httpx.AsyncClient, dataset: str
) -> None:
    first = await upload(client, "a.csv", CSV)
    again = await upload(client, "a.csv", b"x\n1\n")
    await upload(client, "b.pdf", b"%PDF-1.7\0\x01", **{"Content-Type": "application/pdf"})
    assert again["id"] == first["id"]
    listed = (await client.get("/files", params={"dataset": dataset})).json()
    assert [(each["name"], each["byte_size"], each["table_rows"]) for each in listed] == [
        ("a.csv", 4, 1),
        ("b.pdf", 10, None),
    ]
    assert (await client.get(f"/files/{first['id']}/rows")).json()["rows"] == [["1"]]
    refused = await client.get(f"/files/{listed[1]['id']}/rows")
    assert refused.status_code == 422


async def test_a_file_larger_than_a_portion_comes_back_byte_for_byte(client: httpx.AsyncClient, dataset: str) -> None:
    content = bytes(range(256)) * 5000
    file = await upload(client, "a.bin", content)
    assert (await client.get(file["url"].removeprefix("https://data.example.jp"))).content == content


async def test_a_table_is_held_against_a_schema_and_the_outcome_kept(client: httpx.AsyncClient, dataset: str) -> None:
    file = await upload(client, "a.csv", CSV)
    schema = (await client.get(f"/files/{file['id']}/schema")).json()
    assert schema["fields"][0] == {"name": "名称", "type": "string", "constraints": {"required": True}}
    schema["fields"][2]["constraints"] = {"required": True, "minimum": 10}
    answer = await client.put(f"/files/{file['id']}/schema", json=schema, headers=TAKAMATSU)
    assert answer.status_code == 200, answer.text
    told = [(each["row"], each["code"]) for each in answer.json()["listed"]]
    assert (answer.json()["is_valid"], told) == (False, [(3, "minimum"), (4, "required")])
    assert (await client.get(f"/files/{file['id']}")).json()["validation"] == answer.json()
    assert (await client.get(f"/files/{file['id']}/schema")).json() == schema
    refused = await client.put(f"/files/{file['id']}/schema", json={"fields": []}, headers=TAKAMATSU)
    assert (refused.status_code, refused.json()["field"]) == (400, "fields")


async def test_a_deleted_file_is_gone_with_its_distribution(client: httpx.AsyncClient, dataset: str) -> None:
    file = await upload(client, "a.csv", CSV)
    assert (await client.delete(f"/files/{file['id']}", headers=TAKAMATSU)).status_code == 204
    assert (await client.get(f"/files/{file['id']}")).status_code == 404
    assert (await client.get(f"/datasets/{dataset}")).json()["distributions"] == []


async def test_what_cannot_be_kept_is_refused_and_leaves_nothing(client: httpx.AsyncClient, dataset: str) -> None:
    unknown = await client.post("/files", params={"dataset": "nothing", "name": "a"}, content=CSV, headers=TAKAMATSU)
    assert unknown.status_code == 404
    other = {"Fiware-Service": "fukui"}
    foreign = await client.post("/files", params={"dataset": dataset, "name": "a"}, content=CSV, headers=other)
    assert foreign.status_code == 404
    path = await client.post("/files", params={"dataset": dataset, "name": "../a"}, content=CSV, headers=TAKAMATSU)
    assert (path.status_code, path.json()["field"]) == (400, "name")
    assert (await client.get("/files", params={"dataset": dataset})).json() == []


async def test_a_file_over_the_limit_is_refused(settings: CatalogSettings) -> None:
    small = settings.model_copy(update={"catalog_file_limit_bytes": 2000, "body_limit_bytes": 1024})
    async with calling(create_app(small)) as client:
        body = {"titles": {"ja": "a"}, "descriptions": {"ja": "a"}, "name": "parking"}
        assert (await client.post("/datasets", json=body, headers=TAKAMATSU)).status_code == 201
        await upload(client, "a.bin", b"\0" * 1900)
        parameters = {"dataset": "parking", "name": "b.bin"}
        answer = await client.post("/files", params=parameters, content=b"\0" * 2100, headers=TAKAMATSU)
        assert answer.status_code == 413


async def test_a_table_becomes_entities_through_ingest_in_the_callers_name(settings: CatalogSettings) -> None:
    asked: list[tuple[dict[str, str], str | None, str | None, bytes]] = []

    async def imports(request: Request) -> JSONResponse:
        headers = request.headers
        said = headers.get("fiware-service"), headers.get("authorization")
        asked.append((dict(request.query_params), *said, await request.body()))
        return JSONResponse({"accepted": 3}, 201)

    with served(Starlette(routes=[Route("/imports", imports, methods=["POST"])])) as url:
        async with calling(create_app(settings.model_copy(update={"ingest_url": url}))) as client:
            body = {"titles": {"ja": "a"}, "descriptions": {"ja": "a"}, "name": "parking"}
            assert (await client.post("/datasets", json=body, headers=TAKAMATSU)).status_code == 201
            file = await upload(client, "a.csv", CSV)
            answer = await client.post(f"/files/{file['id']}/entities", params={"type": "BikeParking", "dry_run": True})
    assert (answer.status_code, answer.json()) == (201, {"accepted": 3})
    told = {"name": "a.csv", "title": "a", "type": "BikeParking", "dry_run": "true"}
    assert asked == [(told, "takamatsu", None, CSV)]


async def test_the_description_of_a_data_set_is_rated(client: httpx.AsyncClient, dataset: str) -> None:
    before = (await client.get(f"/datasets/{dataset}/quality")).json()
    await upload(client, "a.csv", CSV)
    edit = {"licence": "CC-BY-4.0", "keywords": ["交通"], "themes": ["TRAN"], "contact": {"name": "交通政策課"}}
    assert (await client.patch(f"/datasets/{dataset}", json=edit, headers=TAKAMATSU)).status_code == 200
    after = (await client.get(f"/datasets/{dataset}/quality")).json()
    assert (before["points"] < 200, after["points"] > 300, after["maximum"]) == (True, True, 405)
    assert (before["rating"], after["rating"]) in {("sufficient", "good"), ("bad", "good"), ("sufficient", "excellent")}
    unmet = {each["name"] for each in after["metrics"] if not each["met"]}
    assert {"licence", "keywords", "contact", "download-url-answers"}.isdisjoint(unmet)
