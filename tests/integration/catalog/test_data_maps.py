"""Data maps drawn from services that answer as they are told to, kept, read in every form, and held against others."""

import contextlib
import csv
import dataclasses
import html
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.catalog.main import create_app
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.data_maps import list_maps
from services.catalog.operations.hub_facts import HubClients
from services.catalog.operations.map_rounds import MapRounds
from services.catalog.operations.record_observation import record_observation
from services.catalog.settings import CatalogSettings
from services.catalog.store.data_maps import KeptMap
from services.catalog.store.turn import turn
from services.kernel.credentials import ServiceCredentials
from tests.integration.catalog.conftest import GAUGES, TAKAMATSU, seen
from tests.support.lifespan import calling
from tests.support.serving import served

BUS = {
    "service_id": "bus",
    "tenant": "takamatsu",
    "provider": "交通社",
    "title": "バス運行情報",
    "area": "/bus",
    "status": "active",
}
ANSWERS: dict[str, Any] = {
    "/services": {"services": [BUS, {**BUS, "service_id": "other", "tenant": "fukui"}]},
    "/services/bus/clients": ["bus-client"],
    "/services/other/clients": [],
    "/services/other/agreements": [],
    "/services/bus/agreements": [
        {"user_service": None, "user_client": "town-client", "types": ["*"], "actions": ["read"]}
    ],
    "/v2/types": ["BusPosition"],
    "/ngsi-ld/v1/subscriptions": [
        {
            "entities": [{"type": "BusPosition"}],
            "notification": {"endpoint": {"uri": "https://portal.example.jp/notify"}},
            "throttling": 30,
        }
    ],
    "/v2/subscriptions": [
        {
            "description": "信号制御",
            "subject": {"entities": [{"idPattern": ".*", "type": "Signal"}]},
            "notification": {"mqtt": {"url": "mqtt://broker.example.jp"}},
        }
    ],
    "/ngsi-ld/v1/csourceRegistrations": [
        {"endpoint": "https://bus.example.jp/ngsi-ld", "information": [{"entities": [{"type": "BusPosition"}]}]}
    ],
    "/v2/registrations": [],
    "/sources": [
        {
            "kind": "connector",
            "service_path": "/bus",
            "types": ["BusPosition"],
            "name": "positions",
            "title": "バス位置",
            "host": "gtfs.example.jp",
            "schedule": {"every_s": 60, "at": None},
            "is_active": True,
        }
    ],
}


@contextlib.contextmanager
def hub(settings: CatalogSettings) -> Iterator[tuple[CatalogSettings, list[Request]]]:
    """Serve what stands for auth, broker and ingest, and yield the settings to reach them and what they were asked."""
    asked: list[Request] = []

    async def answer(request: Request) -> Response:
        asked.append(request)
        found = ANSWERS.get(request.url.path)
        return JSONResponse(found) if found is not None else JSONResponse({}, 404)

    with served(Starlette(routes=[Route("/{path:path}", answer)])) as url:
        places = {"auth_url": url, "broker_url": url, "ingest_url": url}
        yield settings.model_copy(update=places), asked


async def test_a_map_is_drawn_kept_and_read_in_every_form(settings: CatalogSettings) -> None:
    with hub(settings) as (reached, asked):
        async with calling(create_app(reached)) as client:
            body = {"titles": {"ja": "AED"}, "descriptions": {"ja": "AED"}, "name": "aed"}
            assert (await client.post("/datasets", json=body, headers=TAKAMATSU)).status_code == 201
            answer = await client.post("/datamaps", headers=TAKAMATSU)
            assert answer.status_code == 201, answer.text
            drawn = answer.json()
            assert (await client.get("/datamaps/latest", headers=TAKAMATSU)).json() == drawn
            (listed,) = (await client.get("/datamaps", headers=TAKAMATSU)).json()
            assert (listed["id"], listed["services"], listed["datasets"]) == (drawn["id"], 1, 1)
            number = drawn["id"]
            sheet = await client.get(f"/datamaps/{number}/file.csv", params={"view": "services"}, headers=TAKAMATSU)
            rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
            book = await client.get("/datamaps/latest/file.xlsx", headers=TAKAMATSU)
            page = await client.get("/datamaps/latest/file.html", headers=TAKAMATSU)
            shown = await client.get("/data-map", params={"tenant": "takamatsu", "lang": "ja"})
            linked = re.findall(r'href="(/data-map/file[^"]+)"', shown.text)
            files = [await client.get(html.unescape(link)) for link in linked]
            assert (await client.get("/data-map/file.pdf", params={"tenant": "takamatsu"})).status_code == 404
            assert 'action="/editor/data-map"' in shown.text
            form = {"tenant": "takamatsu"}
            foreign = {"Origin": "https://elsewhere.example"}
            assert (await client.post("/editor/data-map", data=form, headers=foreign)).status_code == 403
            pressed = await client.post("/editor/data-map", data=form)
            assert (pressed.status_code, pressed.headers["location"]) == (303, "/data-map?tenant=takamatsu")
            assert len((await client.get("/datamaps", headers=TAKAMATSU)).json()) == 2
    assert [file.content for file in files[1:]] == [sheet.content, files[2].content]
    assert files[0].content.startswith(b"PK")
    assert '<th scope="row" rowspan="2">バス運行情報</th>' in shown.text
    assert "<td>30秒に1回まで</td>" in shown.text
    (service,) = drawn["services"]
    assert (service["name"], service["external"], drawn["gaps"]) == ("バス運行情報", ["BusPosition"], [])
    assert service["intake"] == ["BusPosition ← バス位置 gtfs.example.jp（1分ごと、HTTP取得）"]
    assert service["receivers"] == [
        {"name": "town-client", "frequency": "随時（要求時）", "method": "NGSI-LD, NGSIv2"},
        {"name": "portal.example.jp", "frequency": "30秒に1回まで", "method": "NGSI-LD 通知 (HTTPS)"},
    ]
    assert rows[1][:4] == ["バス運行情報", *service["intake"], "", "BusPosition"]
    assert book.content.startswith(b"PK")
    assert "<caption>サービス側</caption>" in page.text
    types = next(each for each in asked if each.url.path == "/v2/types")
    assert (types.headers["fiware-service"], types.headers["fiware-servicepath"]) == ("takamatsu", "/bus/#")


async def test_what_cannot_be_asked_is_a_gap_and_the_map_is_drawn_all_the_same(
    client: httpx.AsyncClient,
) -> None:
    body = {"titles": {"ja": "AED"}, "descriptions": {"ja": "AED"}, "name": "aed"}
    assert (await client.post("/datasets", json=body, headers=TAKAMATSU)).status_code == 201
    drawn = (await client.post("/datamaps", headers=TAKAMATSU)).json()
    assert "auth /services: away" in drawn["gaps"]
    assert [each["key"] for each in drawn["datasets"]] == ["aed"]


async def test_the_difference_to_an_earlier_day_is_told(client: httpx.AsyncClient) -> None:
    body = {"titles": {"ja": "AED"}, "descriptions": {"ja": "AED"}, "name": "aed"}
    assert (await client.post("/datasets", json=body, headers=TAKAMATSU)).status_code == 201
    await client.post("/datamaps", headers=TAKAMATSU)
    await client.post("/datasets", json={**body, "name": "parks", "titles": {"ja": "公園"}}, headers=TAKAMATSU)
    await client.post("/datamaps", headers=TAKAMATSU)
    first, last = sorted(each["id"] for each in (await client.get("/datamaps", headers=TAKAMATSU)).json())
    tomorrow = {"since": "2999-01-01"}
    none = (await client.get("/datamaps/latest/difference", params=tomorrow, headers=TAKAMATSU)).json()
    assert none["steps"] == [], "the latest map by then is this one"
    other = (await client.get(f"/datamaps/{first}/difference", params=tomorrow, headers=TAKAMATSU)).json()
    assert [(each["key"], each["kind"]) for each in other["steps"]] == [("parks", "removed")]
    page = await client.get("/data-map", params={"tenant": "takamatsu", "map": first, "lang": "en", **tomorrow})
    assert (page.text.count("<tr>"), '>Gone</span> data set</td><th scope="row">公園</th>' in page.text) == (4, True)
    for since, fault in (("2001-01-01", "No map was drawn"), ("yesterday", "Write the day")):
        page = await client.get("/data-map", params={"tenant": "takamatsu", "since": since, "lang": "en"})
        assert fault in page.text
    assert (await client.get("/data-map", params={"tenant": "nobody"})).status_code == 403
    assert (await client.get("/data-map", params={"tenant": "takamatsu", "map": "x"})).status_code == 400
    before = {"since": "2001-01-01"}
    answer = await client.get(f"/datamaps/{last}/difference", params=before, headers=TAKAMATSU)
    assert answer.status_code == 404
    assert datetime.fromisoformat(none["until"]) <= datetime.now(UTC)


async def test_maps_of_other_tenants_are_not_read(client: httpx.AsyncClient) -> None:
    body = {"titles": {"ja": "AED"}, "descriptions": {"ja": "AED"}}
    assert (await client.post("/datasets", json=body, headers=TAKAMATSU)).status_code == 201
    assert (await client.post("/datasets", json=body, headers={"Fiware-Service": "fukui"})).status_code == 201
    number = (await client.post("/datamaps", headers=TAKAMATSU)).json()["id"]
    answer = await client.get(f"/datamaps/{number}", headers={"Fiware-Service": "fukui"})
    assert answer.status_code == 404
    assert (await client.get("/datamaps/latest", headers={"Fiware-Service": "nobody"})).status_code == 404


async def test_a_map_is_drawn_once_a_day_kept_when_it_is_new_and_forgotten_when_long_replaced(
    settings: CatalogSettings, catalogue: Catalogue
) -> None:
    start, days = catalogue.clock(), 0.0
    later = dataclasses.replace(catalogue, clock=lambda: start + timedelta(days=days))

    async def kept() -> list[KeptMap]:
        return await list_maps(later, "fukui")

    with hub(settings) as (reached, asked):
        async with (
            httpx.AsyncClient(base_url=reached.auth_url) as http,
            httpx.AsyncClient(base_url="http://127.0.0.1:9") as away,
        ):
            clients = HubClients(http, http, http, ServiceCredentials(reached.auth_url, "", ""))
            rounds = MapRounds(later, clients, timedelta(days=1), timedelta(days=30))
            await rounds.round()
            await rounds.round()
            assert (len(await kept()), sum(each.url.path == "/sources" for each in asked)) == (1, 1), "not due again"
            days = 1.5
            await rounds.round()
            (same,) = await kept()
            assert (same.made_by, same.confirmed_at - same.made_at) == ("schedule", timedelta(days=1.5))
            await record_observation(later, seen(GAUGES))
            days = 3
            async with turn(catalogue.engine, "data maps") as first, turn(catalogue.engine, "data maps") as second:
                assert (first, second) == (True, False), "one replica draws"
            await rounds.round()
            newest, oldest = await kept()
            assert [len(each.content.datasets) for each in (newest, oldest)] == [1, 0]
            days = 32
            await rounds.round()
            assert len(await kept()) == 2, "it was replaced 29 days ago"
            rounds = dataclasses.replace(rounds, clients=dataclasses.replace(clients, ingest=away))
            days = 33.9
            await rounds.round()
            (left,) = await kept()
            assert (left.map_id, left.confirmed_at) == (newest.map_id, start + timedelta(days=32)), "gaps are put off"
            days = 36
            await rounds.round()
            assert (await kept())[0].content.gaps == ("ingest /sources: away",)
