"""Files of a city over HTTP: entities in the broker, a stored report, and what is refused."""

import httpx

from services.local.demo.files import data
from tests.support.ingest import IngestBench
from tests.support.ngsild_peer import NgsildPeer

TENANT = {"Fiware-Service": "takamatsu"}
CSV = {**TENANT, "Content-Type": "text/csv"}
PARKS = "#property,latitude,longitude,name,address,telephoneNumber,referenceObject,note\n"


async def _import(bench: IngestBench, name: str, **parameters: str) -> httpx.Response:
    content = (data() / "takamatsu" / f"{name}.csv").read_bytes()
    return await bench.client.post("/imports", params=parameters, content=content, headers=CSV)


async def test_a_file_becomes_entities_and_a_stored_report(bench: IngestBench, peer: NgsildPeer) -> None:
    answer = await _import(bench, "evacuation_space", type="EvacuationSite")
    assert answer.status_code == 201
    run = answer.json()
    report = run["report"]
    assert (run["status"], report["rows"], report["accepted"], report["created"]) == ("finished", 195, 194, 194)
    assert [(each["reason"], each["rows"]) for each in report["refused"]] == [("placeholder", [101])]
    assert len(peer.entities) == 194
    assert sum(len(batch) for _, batch in peer.batches) == 194
    site = peer.entities["takamatsu", "urn:ngsi-ld:EvacuationSite:takamatsu-1"]
    assert site["capacity"] == {"type": "Property", "value": 238}
    assert (await bench.client.get(answer.headers["location"], headers=TENANT)).json() == run
    assert (await bench.client.get("/imports", headers=TENANT)).json() == {"count": 1, "runs": [run]}
    (source,) = (await bench.client.get("/sources", headers=TENANT)).json()
    assert (source["kind"], source["types"], source["service_path"]) == ("files", ["EvacuationSite"], "/")


async def test_the_same_file_again_updates_the_same_entities(bench: IngestBench, peer: NgsildPeer) -> None:
    first = await _import(bench, "tourist_facilities")
    second = await _import(bench, "tourist_facilities")
    assert [each.json()["report"]["created"] for each in (first, second)] == [52, 0]
    assert len(peer.entities) == 52


async def test_large_files_are_written_in_batches(bench: IngestBench, peer: NgsildPeer) -> None:
    assert (await _import(bench, "reservoir_list")).json()["report"]["accepted"] == 841
    sizes = [len(batch) for _, batch in peer.batches]
    assert (sum(sizes), len(sizes)) == (841, 4)


async def test_a_row_that_the_broker_refuses_is_in_the_report(bench: IngestBench, peer: NgsildPeer) -> None:
    peer.refuses = lambda entity: entity["id"].endswith("-3")
    report = (await _import(bench, "municipal_parking", type="OffStreetParking")).json()["report"]
    assert report["accepted"] == 7
    assert [(each["reason"], each["rows"]) for each in report["refused"]] == [("broker-refuses", [4])]


async def test_a_file_in_shift_jis_is_read(bench: IngestBench, peer: NgsildPeer) -> None:
    content = (PARKS + "1,34.3,134.0,塩上小公園,高松市,,,\n").encode("cp932")
    answer = await bench.client.post("/imports", content=content, headers=CSV)
    assert answer.json()["report"]["encoding"] == "cp932"
    assert peer.entities["takamatsu", "urn:ngsi-ld:Park:takamatsu-1"]["name"]["value"] == "塩上小公園"


async def test_a_form_and_a_title_tell_what_a_file_is(bench: IngestBench, peer: NgsildPeer) -> None:
    table = b"name,address\nx,y\n"
    form = {"file": ("372013_toilet.csv", table, "text/csv")}
    sent = await bench.client.post("/imports", files=form, headers={"Fiware-Service": "takamatsu"})
    assert (sent.status_code, sent.json()["report"]["type"]) == (201, "PublicToilet"), sent.text
    titled = {"name": "data.csv", "title": "高松市立図書館の一覧", "dry_run": "true"}
    told = await bench.client.post("/imports", params=titled, content=table, headers=CSV)
    assert (told.status_code, told.json()["type"]) == (200, "Library")
    two = [("file", ("a.csv", table)), ("file", ("b.csv", table))]
    refused = await bench.client.post("/imports", files=two, headers={"Fiware-Service": "takamatsu"})
    assert (refused.status_code, refused.json()["field"]) == (400, "body")


async def test_what_cannot_be_imported_is_refused_and_nothing_is_stored(bench: IngestBench, peer: NgsildPeer) -> None:
    parking = (data() / "takamatsu" / "municipal_parking.csv").read_bytes()
    for content, parameters, headers, status, field in (
        (b"", {}, CSV, 400, "body"),
        (b"\x81\x30\xff\xff", {}, CSV, 400, "body"),
        (b'a,"b\n', {}, CSV, 400, "body"),
        (b"a,b\n1,2\n", {}, CSV, 400, "type"),
        (b"name,address\nx,y\n", {"name": "data.csv"}, CSV, 400, "type"),
        (parking, {"mapping": "none"}, CSV, 404, "mapping"),
        (parking, {"type": "OffStreetParking"}, {**CSV, "Content-Type": "application/json"}, 400, "body"),
        (parking, {"type": "OffStreetParking"}, {**CSV, "Content-Type": "multipart/form-data"}, 400, "body"),
        (parking, {"type": "Off Street"}, CSV, 400, "type"),
        (parking, {"feed": "none"}, CSV, 404, "feed"),
        (parking, {"encoding": "klingon"}, CSV, 400, "encoding"),
        (parking, {"type": "OffStreetParking", "option": "a=b"}, CSV, 400, "option"),
        (b"a,b\n1,2\n", {"strict": "true", "name": "things.csv"}, CSV, 400, "type"),
        (parking, {"type": "OffStreetParking"}, {**CSV, "Fiware-Service": "a-b"}, 400, "Fiware-Service"),
        (parking, {"type": "OffStreetParking"}, {**CSV, "Fiware-ServicePath": "/#"}, 400, "Fiware-ServicePath"),
    ):
        answer = await bench.client.post("/imports", params=parameters, content=content, headers=headers)
        assert (answer.status_code, answer.json()["field"]) == (status, field)
        assert answer.headers["content-type"] == "application/problem+json"
    assert peer.requests == 0
    assert (await bench.client.get("/imports", headers=TENANT)).json()["count"] == 0


async def test_runs_are_listed_newest_first_and_only_to_their_tenant(bench: IngestBench) -> None:
    ids = [(await _import(bench, name)).json()["id"] for name in ("park", "public_wireless_lan")]
    listed = (await bench.client.get("/imports?limit=1", headers=TENANT)).json()
    assert (listed["count"], listed["runs"][0]["id"]) == (2, ids[1])
    foreign = {"Fiware-Service": "fukui"}
    assert (await bench.client.get("/imports", headers=foreign)).json()["count"] == 0
    assert (await bench.client.get(f"/imports/{ids[0]}", headers=foreign)).status_code == 404
    for number in ("0", "99", "9223372036854775808", "x"):
        assert (await bench.client.get(f"/imports/{number}", headers=TENANT)).status_code in (400, 404)


async def test_the_kinds_of_files_are_listed(bench: IngestBench) -> None:
    mappings = (await bench.client.get("/imports/mappings")).json()
    assert len(mappings) == 27
    assert {"name", "title", "type", "recognised_by", "is_own"} == set(mappings[0])
