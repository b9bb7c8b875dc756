"""Runs of imports: guesses, own mappings, refused rows sent again, progress, and going on after the process is gone."""

import asyncio
import csv
import io
from typing import Any

import httpx

from tests.support.ingest import IngestBench, running_ingest
from tests.support.ngsild_peer import NgsildPeer
from tests.support.patience import until
from tests.support.workbook import workbook

TENANT = {"Fiware-Service": "yaizu"}
AEDS = "ID,名称,設置位置,小児対応設備の有無,緯度,経度"
WELLS = (
    "登録番号,井戸の名称,住所,緯度,経度,水量,点検日\n"
    "1,北の井戸,北町1,34.86,138.31,１２０,令和5年4月1日\n"
    "2,南の井戸,南町2,34.87,138.32,80,2023/5/2\n"
    "3,,,,,,\n"
    "4,東の井戸,東町3,34.88,138.33,90,2023-06-03\n"
)


async def _post(bench: IngestBench, content: bytes | str, **parameters: str) -> httpx.Response:
    body = content.encode() if isinstance(content, str) else content
    return await bench.client.post("/imports", params=parameters, content=body, headers=TENANT)


def _rows(count: int, start: int = 1) -> str:
    lines = [f"{number},公園{number},市内{number},34.8,138.3" for number in range(start, start + count)]
    return "\n".join(["ID,名称,住所,緯度,経度", *lines]) + "\n"


async def test_a_file_that_no_mapping_fits_is_imported_by_a_guess_that_is_told(
    bench: IngestBench, peer: NgsildPeer
) -> None:
    answer = await _post(bench, WELLS, name="222127_yusui_20230401.csv")
    assert answer.status_code == 201, answer.text
    report = answer.json()["report"]
    assert (report["type"], report["mapping"], report["named_by"]) == ("Yusui", "guessed", "number")
    assert (report["rows"], report["accepted"], report["empty"]["rows"]) == (4, 3, [4])
    told = {each["column"]: (each["attribute"], each["kind"]) for each in report["guessed"]}
    assert told["井戸の名称"] == ("name", "text")
    assert told["水量"] == ("水量", "number")
    assert told["点検日"] == ("点検日", "date")
    entity = peer.entities["yaizu", "urn:ngsi-ld:Yusui:yaizu-1"]
    assert entity["水量"]["value"] == 120
    assert entity["点検日"]["value"] == {"@type": "Date", "@value": "2023-04-01"}
    assert entity["location"]["value"]["coordinates"] == [138.31, 34.86]


async def test_a_guess_can_be_stored_and_is_then_the_mapping(bench: IngestBench, peer: NgsildPeer) -> None:
    guess = (await _post(bench, WELLS, name="ido.csv", dry_run="true")).json()["guessed_mapping"]
    assert peer.requests == 0
    body = {**guess, "name": "wells", "type": "Well", "title": "Wells"}
    for status in (201, 204):
        answer = await bench.client.put("/imports/mappings/wells", json=body, headers=TENANT)
        assert answer.status_code == status, answer.text
    listed = (await bench.client.get("/imports/mappings", headers=TENANT)).json()
    assert [each["name"] for each in listed if each["is_own"]] == ["wells"]
    assert (await bench.client.get("/imports/mappings/wells", headers=TENANT)).json()["type"] == "Well"
    report = (await _post(bench, WELLS)).json()["report"]
    assert (report["type"], report["mapping"], report["guessed"]) == ("Well", "wells", [])
    foreign = {"Fiware-Service": "takamatsu"}
    assert (await bench.client.get("/imports/mappings/wells", headers=foreign)).status_code == 404
    assert (await bench.client.delete("/imports/mappings/wells", headers=foreign)).status_code == 404
    assert (await bench.client.delete("/imports/mappings/wells", headers=TENANT)).status_code == 204
    assert (await bench.client.delete("/imports/mappings/wells", headers=TENANT)).status_code == 404


async def test_a_mapping_that_cannot_be_is_refused_and_the_field_named(bench: IngestBench) -> None:
    good: dict[str, Any] = {"type": "Well", "recognised_by": ["a"], "attributes": [{"name": "x", "columns": ["a"]}]}
    for change, field in (
        ({"type": "A B"}, "type"),
        ({"recognised_by": []}, "recognised_by"),
        ({"attributes": [{"name": "x", "columns": []}]}, "columns"),
        ({"attributes": [{"name": "x", "columns": ["a"], "kind": "colour"}]}, "kind"),
        ({"attributes": [{"name": "location", "columns": ["a"]}]}, "location"),
        ({"attributes": [{"name": "x", "columns": ["a"]}] * 2}, "twice"),
        ({"layout": ["a", "a"]}, "layout"),
        ({"surprise": 1}, "surprise"),
        ({"name": "other"}, "name"),
    ):
        answer = await bench.client.put("/imports/mappings/wells", json={**good, **change}, headers=TENANT)
        assert answer.status_code == 400, change
        assert field in answer.text
    assert (await bench.client.put("/imports/mappings/Wells!", json=good, headers=TENANT)).status_code == 400


async def test_strict_reading_refuses_the_rows_that_need_a_repair(bench: IngestBench, peer: NgsildPeer) -> None:
    text = f"{AEDS}\n1,A,1階,有,34.8,138.3\n2,B,2階,たぶん,34.8,138.3\n3,C,3階,無,138.3,34.8\n"
    report = (await _post(bench, text, strict="true", name="aed.csv")).json()["report"]
    assert (report["mapping"], report["accepted"], report["repaired"]) == ("standard-aed", 1, [])
    assert {each["reason"]: each["rows"] for each in report["refused"]} == {
        "unreadable-flag": [3],
        "swapped-position": [4],
    }


async def test_refused_rows_are_downloaded_corrected_and_sent_again(bench: IngestBench, peer: NgsildPeer) -> None:
    text = f"{AEDS}\n1,A,1階,有,34.8,138.3\n2,,2階,有,34.8,138.3\n3,,3階,無,34.8,138.3\n4,,4階,無,34.8,138.3\n"
    run = (await _post(bench, text, name="aed.csv")).json()
    assert run["report"]["refused"][0] | {"detail": ""} == {
        "reason": "no-name",
        "description_ja": "必須の項目(name)が空欄です",
        "detail": "",
        "count": 3,
        "rows": [3, 4, 5],
    }
    place = f"/imports/{run['id']}/refused"
    listed = (await bench.client.get(place, headers=TENANT)).json()
    assert [(each["row"], each["field"], each["cells"]["設置位置"]) for each in listed["rows"]] == [
        (3, "名称", "2階"),
        (4, "名称", "3階"),
        (5, "名称", "4階"),
    ]
    downloaded = await bench.client.get(f"{place}.csv", headers=TENANT)
    rows = list(csv.DictReader(io.StringIO(downloaded.content.decode("utf-8-sig"))))
    assert list(rows[0])[:6] == text.partition("\n")[0].split(",")
    rows[0]["名称"] = "B"
    rows[2] |= {"ID": "1", "名称": "D"}
    output = io.StringIO()
    writer = csv.DictWriter(output, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    corrected = output.getvalue().encode("cp932")
    done = (await bench.client.post(place, content=corrected, headers=TENANT)).json()
    assert (done["sent"], done["accepted"], done["refused"]) == (3, 1, 2)
    report = done["run"]["report"]
    assert (report["rows"], report["accepted"], report["corrected"]) == (4, 2, 1)
    assert {each["reason"]: each["rows"] for each in report["refused"]} == {"no-name": [4], "same-id": [5]}
    assert all(each["description_ja"] for each in report["refused"])
    assert peer.entities["yaizu", "urn:ngsi-ld:AED:yaizu-1"]["name"]["value"] == "A"
    assert peer.entities["yaizu", "urn:ngsi-ld:AED:yaizu-2"]["name"]["value"] == "B"
    again = await bench.client.post(place, content=corrected, headers=TENANT)
    assert (again.status_code, again.json()["field"]) == (400, "←row")
    nothing = await bench.client.post(place, content=text.encode(), headers=TENANT)
    assert (nothing.status_code, nothing.json()["field"]) == (400, "body")
    foreign = await bench.client.get(place, headers={"Fiware-Service": "fukui"})
    assert foreign.status_code == 404


async def test_a_run_tells_how_far_it_is_and_can_be_stopped(bench: IngestBench, peer: NgsildPeer) -> None:
    peer.flowing.clear()
    answer = await _post(bench, _rows(1500), name="parks.csv", type="Park", wait_s="0")
    run = answer.json()
    assert (answer.status_code, run["status"], run["report"]["size"]) == (202, "running", 1500)
    place = answer.headers["location"]
    assert (await bench.client.post(f"{place}/refused", content=b"a", headers=TENANT)).status_code == 409
    stopped = await bench.client.post(f"{place}/stop", headers=TENANT)
    assert stopped.json()["status"] == "stopped"
    assert (await bench.client.post(f"{place}/stop", headers=TENANT)).status_code == 409
    peer.flowing.set()
    answer = await _post(bench, _rows(1500), name="parks.csv", type="Park")
    assert (answer.status_code, answer.json()["progress"], answer.json()["report"]["accepted"]) == (201, 1.0, 1500)


async def test_an_import_goes_on_where_another_process_left_it(database_url: str, peer: NgsildPeer) -> None:
    async with running_ingest(database_url, broker_url=peer.url) as first:
        run = (await _post(first, _rows(2500), name="parks.csv", type="Park", wait_s="0")).json()
        await until(lambda: len(peer.entities) >= 1000)
        peer.flowing.clear()
    written = len(peer.entities)
    assert 1000 <= written < 2500
    peer.flowing.set()
    async with running_ingest(database_url, broker_url=peer.url) as second:

        async def is_finished() -> bool:
            answer = await second.client.get(f"/imports/{run['id']}", headers=TENANT)
            return bool(answer.json()["status"] == "finished")

        await until(is_finished)
        report = (await second.client.get(f"/imports/{run['id']}", headers=TENANT)).json()["report"]
    assert (report["rows"], report["accepted"], report["refused"]) == (2500, 2500, [])
    assert len(peer.entities) == 2500
    keys = [key for headers in peer.headers for key in headers["Idempotency-Items"].split(",")]
    assert len(set(keys)) == 2500


async def test_a_broker_that_is_away_is_waited_for(bench: IngestBench, peer: NgsildPeer) -> None:
    peer.is_away = True
    answer = await _post(bench, _rows(3), name="parks.csv", type="Park", wait_s="0.2")
    assert answer.status_code == 202
    peer.is_away = False

    async def is_finished() -> bool:
        run = (await bench.client.get(answer.headers["location"], headers=TENANT)).json()
        return bool(run["status"] == "finished" and run["report"]["accepted"] == 3)

    await until(is_finished)


async def test_runs_are_searched(bench: IngestBench) -> None:
    for name, kind in (("parks.csv", "Park"), ("shelters.csv", "EvacuationSite")):
        await _post(bench, _rows(1), name=name, type=kind)
    for query, count in (
        ("q=shelter", 1),
        ("q=%25", 0),
        ("type=Park", 1),
        ("status=finished", 2),
        ("status=failed", 0),
        ("since=2100-01-01T00:00:00Z", 0),
        ("connector=none", 0),
    ):
        listed = (await bench.client.get(f"/imports?{query}", headers=TENANT)).json()
        assert (query, listed["count"]) == (query, count)
    assert (await bench.client.get("/imports?status=lost", headers=TENANT)).status_code == 400


async def test_more_imports_than_there_is_room_for_wait_in_the_database(database_url: str, peer: NgsildPeer) -> None:
    peer.flowing.clear()
    async with running_ingest(database_url, broker_url=peer.url) as first:
        for number in range(10):
            answer = await _post(first, _rows(1, number + 1), name="parks.csv", type="Park", wait_s="0")
            assert answer.status_code == 202
    peer.flowing.set()
    async with running_ingest(database_url, broker_url=peer.url) as second:
        await until(lambda: len(peer.entities) >= 2)
        await second.parts.importing.look()
        await until(lambda: len(peer.entities) >= 4)


async def test_a_second_file_of_the_same_type_is_warned_of_before_it_is_written_too(bench: IngestBench) -> None:
    reports = [
        (await _post(bench, _rows(2), name=name, type="Shop")).json()["report"]
        for name in ("a1.csv", "a2.csv", "b.csv")
    ]
    assert [len(each["warnings"]) for each in reports] == [0, 0, 1]
    assert "a2.csv" in reports[2]["warnings"][0]
    tried = (await _post(bench, _rows(2), name="c.csv", type="Shop", dry_run="true")).json()
    assert "b.csv" in tried["warnings"][0]


async def test_a_spreadsheet_is_read_with_its_merged_header_and_the_sheet_asked_for(
    bench: IngestBench, peer: NgsildPeer
) -> None:
    content = workbook(
        {
            "説明": [["この表は避難所の一覧です"]],
            "一覧": [
                ["避難所一覧（令和5年4月1日現在）"],
                ["番号", "名称", "災害種別", None, "収容人数", "緯度", "経度"],
                [None, None, "洪水", "地震", "(人)", None, None],
                [1, "第一小", "○", "×", 500, 34.8, 138.3],
                [2.0, "第二小", "○", None, "約300人", 34.9, 138.4],
                ["※ 洪水時は2階以上"],
            ],
        }
    )
    report = (await _post(bench, content, name="hinan.xlsx")).json()["report"]
    assert (report["sheet"], report["header_row"], report["type"]) == ("一覧", 3, "EvacuationSite")
    assert (report["rows"], report["accepted"], report["empty"]["rows"]) == (3, 2, [6])
    entity = peer.entities["yaizu", "urn:ngsi-ld:EvacuationSite:yaizu-2"]
    assert (report["mapping"], entity["flood"]["value"]) == ("standard-evacuation-site", "available")
    assert (report["unused_columns"], entity["capacity"]["value"]) == ([], 300)
    first = await _post(bench, content, name="hinan.xlsx", sheet="9")
    assert (first.status_code, first.json()["field"]) == (400, "sheet")
    broken = await _post(bench, content[:200], name="hinan.xlsx")
    assert (broken.status_code, broken.json()["field"]) == (400, "body")


async def test_a_document_can_be_fetched_from_its_address(database_url: str, peer: NgsildPeer) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = _rows(2).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/data/222127_park.csv"
    async with server, running_ingest(database_url, broker_url=peer.url, egress="loopback") as bench:
        answer = await bench.client.post("/imports", json={"url": address}, headers=TENANT)
        assert answer.status_code == 201, answer.text
        report = answer.json()["report"]
        assert (report["file_name"], report["type"], report["accepted"]) == ("222127_park.csv", "Park", 2)
        for body in ({"url": ""}, {"url": address, "more": 1}, {"url": "ftp://example.org/a"}, {}):
            refused = await bench.client.post("/imports", json=body, headers=TENANT)
            assert refused.status_code == 400, refused.text
    async with running_ingest(database_url, broker_url=peer.url, egress="public") as bench:
        refused = await bench.client.post("/imports", json={"url": address}, headers=TENANT)
        assert refused.status_code == 400
