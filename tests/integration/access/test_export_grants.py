"""What grants, open data and levels of assurance let a caller have of a type as a file."""

import csv
import io

import httpx

from tests.integration.access.conftest import City
from tests.support.patience import until

PARK = {"id": "park-1", "type": "Park", "name": {"value": "中央公園"}, "owner": {"value": "山田"}}


async def _fill(city: City) -> None:
    for path, number in (("/parks", 1), ("/parks/east", 2), ("/private", 3)):
        master = await city.client(await city.hub.headers(), path)
        assert (await master.post("/v2/entities", json={**PARK, "id": f"park-{number}"})).status_code == 201
        other = {"id": f"gauge-{number}", "type": "Gauge", "level": {"value": number}}
        assert (await master.post("/v2/entities", json=other)).status_code == 201


async def _export(client: httpx.AsyncClient, **parameters: str) -> httpx.Response:
    return await client.get("/export/entities", params={"type": "Park", **parameters})


def _rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


async def test_a_file_holds_the_service_paths_and_attributes_that_grants_show(city: City) -> None:
    await _fill(city)
    here = city.grant("read", path="/parks", types=["Park"])
    below = city.grant("read", path="/parks/#", types=["Park"], attributes=["name"])
    rows = _rows(await _export(await city.caller(here, below)))
    assert [(row["id"][-6:], row["name"], row["owner"]) for row in rows] == [
        ("park-1", "中央公園", "山田"),
        ("park-2", "中央公園", ""),
    ]
    for form in ("ngsi-ld", "ngsi-v2"):
        whole = (await _export(await city.caller(below), format=form)).json()
        assert [(each["id"][-6:], "owner" in each) for each in whole] == [("park-1", False), ("park-2", False)]
    rows = _rows(await _export(await city.caller(below)))
    assert [list(row) for row in rows] == [["id", "type", "name"]] * 2, "what is hidden everywhere is not even named"
    assert (await _export(await city.caller(below), attrs="owner")).status_code == 400


async def test_a_type_that_is_not_granted_is_as_if_it_did_not_exist(city: City) -> None:
    await _fill(city)
    caller = await city.caller(city.grant("read", types=["Park"]))
    assert (await _export(caller, type="Gauge")).status_code == 404
    assert (await _export(await city.caller(city.grant("write")))).status_code == 403


async def test_without_a_token_a_file_holds_what_the_tenant_opens_to_all(city: City) -> None:
    await _fill(city)
    anonymous = await city.client({})
    assert (await _export(anonymous)).status_code == 401
    await city.put(open_data=[{"path": "/parks/#", "types": ["Park"], "attributes": ["name"]}])

    async def is_open() -> bool:
        return (await _export(anonymous)).status_code == 200

    await until(is_open)
    rows = _rows(await _export(anonymous))
    assert [(row["id"][-6:], list(row)) for row in rows] == [
        ("park-1", ["id", "type", "name"]),
        ("park-2", ["id", "type", "name"]),
    ]


async def test_what_asks_higher_levels_is_kept_back(city: City) -> None:
    await _fill(city)
    caller = await city.caller(city.grant("read"))
    rules = [
        {"types": ["Park"], "attributes": ["owner"], "ial": 2, "aal": 2},
        {"types": ["Gauge"], "ial": 2, "aal": 2},
    ]
    answer = await city.operator.put(f"/tenants/{city.name}/levels", json={"rules": rules})
    assert answer.status_code == 204, answer.text

    async def is_kept_back() -> bool:
        return (await _export(caller, type="Gauge")).status_code == 401

    await until(is_kept_back)
    assert [list(row) for row in _rows(await _export(caller))] == [["id", "type", "name"]] * 3


async def test_history_is_told_of_attributes_that_all_grants_show(city: City) -> None:
    await _fill(city)
    name = city.grant("read", path="/parks/#", types=["Park"], attributes=["name"])
    caller = await city.caller(name)

    async def told(**parameters: str) -> httpx.Response:
        return await caller.get("/export/history", params={"type": "Park", **parameters})

    found = {(row["id"][-6:], row["attribute"]) for row in _rows(await told())}
    assert found == {("park-1", "name"), ("park-2", "name")}
    assert (await told(attrs="owner")).status_code == 400
    assert (await told(type="Gauge")).status_code == 404


async def test_the_feed_tells_of_types_that_the_caller_reads_whole(city: City) -> None:
    await _fill(city)

    async def told(client: httpx.AsyncClient) -> set[str]:
        answer = await client.get("/export/types", params={"after": 0})
        tenants = [each for each in answer.json()["tenants"] if each["tenant"] == city.name]
        return {kind["name"] for each in tenants for kind in each["types"]}

    whole = await city.caller(city.grant("read"))

    async def is_told() -> bool:
        return await told(whole) == {"Park", "Gauge"}

    await until(is_told)
    assert await told(await city.caller(city.grant("read", types=["Park"]))) == {"Park"}
    assert await told(await city.caller(city.grant("read", path="/parks"))) == set()
    assert await told(await city.caller(city.grant("write"))) == set()
