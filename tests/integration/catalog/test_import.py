"""Importing lists of open data over HTTP."""

import httpx

from tests.integration.catalog.conftest import LIST, TAKAMATSU

HEADER = "#property,code,prefName,cityName,dataName,category,format,url,apiSupport,license,note\n"


async def test_takamatsus_list_is_taken_whole_and_its_repairs_are_counted(client: httpx.AsyncClient) -> None:
    answer = await client.post("/datasets/import", content=LIST.read_bytes(), headers=TAKAMATSU)
    report = answer.json()
    assert answer.status_code == 200
    assert {name: report[name] for name in ("rows_read", "accepted", "created", "empty", "refused")} == {
        "rows_read": 113,
        "accepted": 113,
        "created": 113,
        "empty": 0,
        "refused": [],
    }
    repairs = {each["rule"]: each for each in report["repairs"]}
    assert repairs["code-completed"]["count"] == 113
    assert repairs["surrounding-space"]["rows"] == [99, 102]
    assert repairs["shared-url"]["rows"] == [28, 29]


async def test_the_same_list_again_changes_nothing(takamatsu: httpx.AsyncClient) -> None:
    before = (await takamatsu.get("/datasets", params={"limit": 1000})).json()
    report = (await takamatsu.post("/datasets/import", content=LIST.read_bytes(), headers=TAKAMATSU)).json()
    assert (report["created"], report["updated"], report["unchanged"], report["missing"]) == (0, 0, 113, [])
    assert (await takamatsu.get("/datasets", params={"limit": 1000})).json() == before


async def test_a_row_becomes_a_data_set_named_after_its_page(takamatsu: httpx.AsyncClient) -> None:
    found = (await takamatsu.get("/datasets/environmental_facilities")).json()
    assert found["titles"] == {"ja": "環境施設"}
    assert (found["licence"], found["licence_text"]) == ("CC-unspecified", "CCライセンス")
    assert (found["themes"], found["keywords"], found["spatial"]) == (["SOCI"], ["くらし"], "372013")
    assert (found["kind"], found["source"], found["publisher"]["tenant"]) == ("file", "open_data_list", "takamatsu")
    assert found["extras"] == {"apiSupport": "有"}
    assert [each["format"] for each in found["distributions"]] == ["XLSX", "TXT", "RDF", "データモデル定義"]


async def test_two_data_sets_that_share_a_page_have_names_of_their_own(takamatsu: httpx.AsyncClient) -> None:
    page = (await takamatsu.get("/datasets", params={"q": "bicycle_storage"})).json()
    assert sorted(each["titles"]["ja"] for each in page["items"]) == ["水道施設", "自転車保管所"]
    names = {each["titles"]["ja"]: each["name"] for each in page["items"]}
    assert names["自転車保管所"] == "bicycle_storage"
    assert names["水道施設"].startswith("bicycle_storage-takamatsu-")


def row(name: str, page: str, category: str = "くらし") -> str:
    return f"1,37201,香川県,高松市,{name},{category},csv,https://e.jp/d/{page},有,CC0,\n"


async def send(client: httpx.AsyncClient, *rows: str, **options: str) -> dict[str, object]:
    content = (HEADER + "".join(rows)).encode("cp932")
    answer = await client.post("/datasets/import", content=content, headers=TAKAMATSU, params=options)
    assert answer.status_code == 200, answer.text
    report: dict[str, object] = answer.json()
    return report


async def test_a_changed_row_changes_only_its_data_set(client: httpx.AsyncClient) -> None:
    await send(client, row("公園", "park"), row("図書館", "library"))
    before = (await client.get("/datasets/library")).json()
    report = await send(client, row("都市公園", "park", "環境"), row("図書館", "library"))
    assert (report["created"], report["updated"], report["unchanged"]) == (0, 1, 1)
    park = (await client.get("/datasets/park")).json()
    assert (park["titles"]["ja"], park["themes"]) == ("都市公園", ["ENVI"])
    assert (await client.get("/datasets/library")).json() == before


async def test_what_was_edited_by_hand_survives_the_next_import(client: httpx.AsyncClient) -> None:
    await send(client, row("公園", "park"))
    edit = {"descriptions": {"ja": "市内すべての公園"}, "licence": "CC-BY-4.0"}
    edited = (await client.patch("/datasets/park", json=edit, headers=TAKAMATSU)).json()
    assert edited["edited"] == ["descriptions", "licence"]
    report = await send(client, row("公園", "park"))
    assert (report["updated"], report["unchanged"]) == (0, 1)
    await send(client, row("公園", "park", "環境"))
    park = (await client.get("/datasets/park")).json()
    assert (park["descriptions"], park["licence"]) == ({"ja": "市内すべての公園"}, "CC-BY-4.0")
    assert park["themes"] == ["ENVI"]


async def test_missing_data_sets_are_named_and_withdrawn_only_on_request(client: httpx.AsyncClient) -> None:
    await send(client, row("公園", "park"), row("図書館", "library"))
    kept = await send(client, row("公園", "park"))
    assert (kept["missing"], kept["withdrawn"]) == (["library"], [])
    assert (await client.get("/datasets/library")).status_code == 200
    withdrawn = await send(client, row("公園", "park"), missing="withdraw")
    assert (withdrawn["missing"], withdrawn["withdrawn"]) == (["library"], ["library"])
    assert (await client.get("/datasets/library")).json()["withdrawn_because"] == "vanished"
    assert (await client.get("/dataset/library.ttl")).status_code == 404
    back = await send(client, row("公園", "park"), row("図書館", "library"))
    assert (back["created"], back["updated"]) == (0, 1)
    assert (await client.get("/datasets/library")).json()["withdrawn_because"] is None


async def test_lists_of_two_sources_do_not_touch_each_other(client: httpx.AsyncClient) -> None:
    await send(client, row("公園", "park"))
    report = await send(client, row("図書館", "library"), source="branch", missing="withdraw")
    assert (report["missing"], report["withdrawn"]) == ([], [])
    assert (await client.get("/datasets/park")).status_code == 200


async def test_the_same_list_of_another_city_gets_names_of_its_own(client: httpx.AsyncClient) -> None:
    await send(client, row("公園", "park"))
    content = (HEADER + row("公園", "park")).encode()
    answer = await client.post("/datasets/import", content=content, headers={"NGSILD-Tenant": "sakaide"})
    assert answer.json()["created"] == 1
    assert (await client.get("/datasets/park-sakaide")).json()["publisher"]["tenant"] == "sakaide"


async def test_refused_rows_are_reported_and_the_others_taken(client: httpx.AsyncClient) -> None:
    report = await send(client, row("", "park"), "2,,,,,,,,,,\n", row("図書館", "library"), row("図書館", "library"))
    assert report["refused"] == [
        {"row": 2, "field": "dataName", "reason": "dataName is empty"},
        {"row": 5, "field": "dataName", "reason": "dataName and url are the same as in row 4"},
    ]
    assert (report["rows_read"], report["accepted"], report["empty"], report["created"]) == (4, 1, 1, 1)


async def test_a_file_that_is_no_list_is_refused_as_a_problem(client: httpx.AsyncClient) -> None:
    answer = await client.post("/datasets/import", content=b"\x89PNG\r\n\x1a\n\x00", headers=TAKAMATSU)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["field"] == "body"
    form = await client.post("/datasets/import", files={"file": b"a,b"}, headers=TAKAMATSU)
    assert (form.status_code, form.json()["field"]) == (400, "Content-Type")
