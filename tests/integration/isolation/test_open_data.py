"""What a tenant opens to all is read without a token, and nothing else, whatever the service."""

import asyncio
import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.integration.isolation.test_every_route import address, body, operations, tried
from tests.support.auth import GRANT_ALL, register
from tests.support.hub import SERVICES, Hub, own_hub
from tests.support.patience import until

CITY = "kokai"
OPENED = [
    {"types": ["Park", "Bench"]},
    {"path": "/signs/#", "types": ["Sign"]},
    {"types": ["Tree"], "attributes": ["kind"]},
]
HIDDEN = "非公開-8812"
TYPES = ("Park", "Bench", "Sign", "Tree", "Vault")
WHOLE = ("park", "bench")
PAGE = {"Accept": "text/html"}


def _entity(kind: str, number: int) -> dict[str, Any]:
    """Return an entity that says of each of its attributes whether it is open; number 1 lies in /signs."""
    is_whole = kind.lower() in WHOLE or (kind, number) == ("Sign", 1)
    return {
        "id": f"urn:ngsi-ld:{kind}:{number}",
        "type": kind,
        "kind": {"value": f"公開-{kind}" if is_whole or kind == "Tree" else HIDDEN},
        "keeper": {"value": f"公開-{kind}" if is_whole else HIDDEN},
    }


@pytest.fixture(scope="module")
def hub(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with a tenant that opens some types whole, some in part, and one not at all; each has a live data set."""
    with own_hub(postgres_server, tmp_path_factory.mktemp("hub"), catalog_live_interval_s=0.2) as running:
        asyncio.run(_fill(running))
        yield running


async def _fill(hub: Hub) -> None:
    async with hub.client("auth", await hub.headers()) as auth:
        assert (await auth.put(f"/tenants/{CITY}", json={"open_data": OPENED})).is_success
        assert (await auth.put("/tenants/yosomono", json={})).is_success
    for service, path in (("broker", "/v2/types"), ("catalog", f"/tenants/{CITY}/export")):
        async with hub.client(service, await hub.headers_in(CITY)) as client:

            async def is_known(client: httpx.AsyncClient = client, path: str = path) -> bool:
                return (await client.get(path)).status_code == 200

            await until(is_known)
    for path, number in (("/signs", 1), ("/office", 2)):
        async with hub.client("broker", await hub.headers_in(CITY, path=path)) as broker:
            for kind in TYPES:
                assert (await broker.post("/v2/entities", json=_entity(kind, number))).status_code == 201
    async with hub.client("catalog", await hub.headers()) as catalog, hub.client("catalog") as nobody:

        async def is_listed() -> bool:
            found = await _statuses(catalog, *map(_live, TYPES)) + await _statuses(nobody, *map(_live, WHOLE))
            return set(found) == {200}

        await until(is_listed)


def _live(kind: str) -> str:
    return f"/datasets/{CITY}-{kind.lower()}"


async def _statuses(client: httpx.AsyncClient, *paths: str, **headers: str) -> list[int]:
    return [(await client.get(path, headers=headers)).status_code for path in paths]


def _rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_every_face_of_the_catalogue_shows_what_is_open_to_whoever_asks(hub: Hub) -> None:
    async with hub.client("catalog") as nobody:
        lists = ["/datasets?limit=100", "/catalog.ttl?limit=100", "/data.json", "/catalog/dump.nt"]
        lists += ["/api/3/action/package_search?rows=100", "/ogc/collections/datasets/items?limit=100"]
        for path in lists:
            answer = await nobody.get(path)
            assert answer.status_code == 200, (path, answer.text)
            assert f"{CITY}-park" in answer.text, path
            assert not {f"{CITY}-{kind}" for kind in ("sign", "tree", "vault") if f"{CITY}-{kind}" in answer.text}, path
        shown = (await nobody.get(f"/api/3/action/package_show?id={CITY}-park")).json()["result"]
        assert shown["private"] is False
        page = await nobody.get(f"/dataset/{CITY}-park", headers=PAGE)
        assert (page.status_code, "公開-Park" in page.text) == (200, True)
        closed = [f"/dataset/{CITY}-{kind}" for kind in ("sign", "tree", "vault")]
        assert await _statuses(nobody, *closed, **PAGE) == [404] * 3
        await _is_downloaded(nobody, shown)


async def _is_downloaded(nobody: httpx.AsyncClient, package: Mapping[str, Any]) -> None:
    base = _live("Park")
    forms = [f"{base}/download.{form}" for form in ("csv", "geojson", "parquet", "ndjson", "jsonld", "json")]
    assert await _statuses(nobody, *forms, f"{base}/history.csv", f"{base}/observed") == [200] * 8
    resource = next(each["id"] for each in package["resources"] if each.get("datastore_active"))
    rows = (await nobody.get("/api/3/action/datastore_search", params={"resource_id": resource})).json()["result"]
    assert [each["keeper"] for each in rows["records"]] == ["公開-Park"] * 2
    closed = [f"{_live(kind)}/{part}" for kind in ("Sign", "Vault") for part in ("download.csv", "observed")]
    assert await _statuses(nobody, *closed) == [404] * 4


async def test_a_data_set_that_its_publisher_shows_gives_no_more_data_than_are_open(hub: Hub) -> None:
    async with (
        hub.client("catalog", await hub.headers_in(CITY)) as publisher,
        hub.client("catalog") as nobody,
    ):
        for kind in ("Tree", "Sign", "Vault"):
            assert (await publisher.patch(_live(kind), json={"access": "public"})).status_code == 200
            assert (await nobody.get(_live(kind))).status_code == 200
        trees = _rows(await nobody.get(f"{_live('Tree')}/download.csv"))
        assert [(list(row), row["kind"]) for row in trees] == [(["id", "type", "kind"], "公開-Tree")] * 2
        signs = await nobody.get(f"{_live('Sign')}/download.csv")
        assert [row["kind"] for row in _rows(signs)] == ["公開-Sign"]
        refused = await _statuses(nobody, f"{_live('Vault')}/download.csv", f"{_live('Vault')}/history.csv")
        assert set(refused) <= {401, 403, 404}
        for kind in ("Tree", "Sign", "Vault"):
            assert (await publisher.patch(_live(kind), json={"access": "restricted"})).status_code == 200
            assert (await nobody.get(_live(kind))).status_code == 404


async def _stranger(hub: Hub) -> dict[str, str]:
    async with hub.client("auth", await hub.headers()) as auth:
        return await hub.headers(await register(auth, {}, {**GRANT_ALL, "tenant": "yosomono"}))


async def test_who_has_signed_in_elsewhere_reads_what_is_open_to_all(hub: Hub) -> None:
    headers = await _stranger(hub)
    async with hub.client("catalog", headers) as stranger:
        assert len(_rows(await stranger.get(f"{_live('Park')}/download.csv"))) == 2
        assert (await stranger.get(_live("Vault"))).status_code == 404
    async with hub.client("broker", {**headers, "Fiware-Service": CITY}) as stranger:
        found = (await stranger.get("/ngsi-ld/v1/entities", params={"type": "Park,Tree,Vault", "limit": 100})).text
        assert ("公開-Park" in found, HIDDEN in found) == (True, False)
        assert (await stranger.post("/v2/entities", json=_entity("Park", 3))).status_code == 403
    async with hub.client("ingest", {**headers, "Fiware-Service": CITY}) as stranger:
        assert (await stranger.get("/exports/mappings/park?type=Park")).status_code == 200
        assert await _statuses(stranger, "/sources", "/imports", "/exports/mappings/park?type=Vault") == [403] * 3


async def test_ingest_writes_files_of_what_is_open_and_shows_nothing_else(hub: Hub) -> None:
    async with hub.client("ingest", {"Fiware-Service": CITY}) as nobody:

        async def export(kind: str, path: str = "/") -> httpx.Response:
            return await nobody.get(f"/exports/mappings/park?type={kind}", headers={"Fiware-ServicePath": path})

        async def is_open() -> bool:
            return (await export("Park")).status_code == 200

        await until(is_open)
        assert len(_rows(await export("Park"))) == 2
        signs = await export("Sign", "/signs")
        assert (signs.status_code, HIDDEN in signs.text) == (200, False)
        refused = [await export(*each) for each in (("Sign",), ("Sign", "/office"), ("Tree",), ("Vault",))]
        assert [each.status_code for each in refused] == [403] * 4
        closed = ("/sources", "/imports", "/iot/devices", "/iot/groups", "/mappings", "/connectors", "/assets")
        assert set(await _statuses(nobody, *closed, **{"Fiware-ServicePath": "/"})) <= {401, 404}
        assert (await nobody.get("/exports/mappings/park?type=Park", headers={"Fiware-Service": ""})).status_code == 401


@pytest.mark.parametrize("service", [each for each in SERVICES if each != "auth"])
async def test_no_route_tells_without_a_token_what_is_not_open(hub: Hub, service: str) -> None:
    named = {"entityId": "urn:ngsi-ld:Vault:1", "entity_id": "urn:ngsi-ld:Tree:1", "reference": f"{CITY}-vault"}
    places = [{"Fiware-Service": CITY, "Fiware-ServicePath": path} for path in ("/#", "/signs,/office", "/")]
    told = []
    async with hub.client(service) as nobody:
        for method, path, operation in operations((await nobody.get("/openapi.json")).json()):
            if path.startswith("/stream/") or (method != "GET" and not path.endswith("/query")):
                continue
            for headers in (*places, {"NGSILD-Tenant": CITY}):
                answer = await tried(nobody, method, address(path, named), body(operation), headers)
                assert answer.status_code < 500 or answer.status_code == 501, (path, answer.text)
                if HIDDEN in answer.text:
                    told.append((path, headers))
    assert told == []


async def test_what_is_closed_again_is_shown_to_nobody(hub: Hub) -> None:
    async with (
        hub.client("auth", await hub.headers()) as auth,
        hub.client("catalog", await hub.headers_in(CITY)) as publisher,
        hub.client("catalog") as nobody,
        hub.client("ingest", {"Fiware-Service": CITY}) as reader,
    ):
        assert (await publisher.patch(_live("Bench"), json={"access": "restricted"})).status_code == 200
        assert (await nobody.get(_live("Bench"))).status_code == 404, "what the publisher says stands above it"
        assert (await auth.patch(f"/tenants/{CITY}", json={"open_data": None})).is_success

        async def is_closed() -> bool:
            paths = _live("Park"), f"{_live('Park')}/download.csv", f"/api/3/action/package_show?id={CITY}-park"
            exported = await _statuses(reader, "/exports/mappings/park?type=Park")
            return await _statuses(nobody, *paths) == [404] * 3 and exported == [401]

        await until(is_closed)
        async with hub.client("broker", {"NGSILD-Tenant": CITY}) as everybody:
            assert (await everybody.get("/ngsi-ld/v1/entities?type=Park")).status_code == 401
        assert (await publisher.get(_live("Park"))).json()["access"] == "restricted"
