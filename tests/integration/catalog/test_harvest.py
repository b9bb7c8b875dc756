"""Harvesting from other catalogues: one of ours over each protocol, and one that misbehaves."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.catalog.domain.harvest import Run, Source
from services.catalog.main import create_app
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.harvest import EMPTY, HALF_GONE, Harvester
from services.catalog.settings import CatalogSettings
from services.catalog.store.harvest_tables import harvest_run
from services.catalog.store.harvests import runs_of, source_named, wish_for
from services.catalog.store.session import reading, writing
from tests.integration.catalog.conftest import LIST, TAKAMATSU
from tests.integration.catalog.test_publication import FULL
from tests.support.databases import clone, drop
from tests.support.lifespan import calling
from tests.support.serving import served

FUKUI = {"Fiware-Service": "fukui"}


class Elsewhere:
    """A CKAN site of a few packages that does as it is told."""

    def __init__(self) -> None:
        self.packages = [self.package(number) for number in range(3)]
        self.status = 200
        self.repeats = False
        app = Starlette(routes=[Route("/api/3/action/package_search", self.search)])
        self.app = app

    def package(self, number: int, **changes: Any) -> dict[str, Any]:
        return {"id": f"id-{number}", "name": f"package-{number}", "title": f"題{number}", "resources": [], **changes}

    async def search(self, request: Request) -> JSONResponse:
        start = 0 if self.repeats else int(request.query_params["start"])
        part = self.packages[start : start + 100]
        return JSONResponse({"success": True, "result": {"count": len(self.packages), "results": part}}, self.status)


@pytest.fixture
async def here(settings: CatalogSettings) -> AsyncIterator[httpx.AsyncClient]:
    """The catalogue that harvests: it reads only when it is told, and may call this machine."""
    quiet = settings.model_copy(update={"catalog_harvest_interval_s": 0, "egress": "loopback"})
    async with calling(create_app(quiet)) as client:
        yield client


@pytest.fixture
def harvester(catalogue: Catalogue) -> Harvester:
    return Harvester(catalogue, "loopback", 1)


async def add(here: httpx.AsyncClient, url: str, tenant: str = "fukui", **more: Any) -> None:
    body = {"protocol": "ckan", "url": url, **more}
    answer = await here.put("/harvest/sources/other", json=body, headers={"Fiware-Service": tenant})
    assert answer.status_code == 200, answer.text


async def read(harvester: Harvester, tenant: str = "fukui") -> Run:
    """Have the source read now; return the run."""
    engine = harvester.catalogue.engine
    async with writing(engine) as connection:
        source = await source_named(connection, tenant, "other")
        assert isinstance(source, Source)
        await wish_for(connection, source, harvester.catalogue.clock())
    assert await harvester.read_next()
    async with reading(engine) as connection:
        return (await runs_of(connection, source, 1))[0]


async def titles(here: httpx.AsyncClient) -> list[str]:
    items = (await here.get("/datasets", params={"tenant": "fukui", "limit": 1000})).json()["items"]
    return sorted(each["titles"].get("ja", "") for each in items)


@pytest.fixture
async def another(postgres_server: str, settings: CatalogSettings) -> AsyncIterator[str]:
    """The address of another catalogue of our kind with a list and a data set that says everything."""
    url = await clone(postgres_server)
    other = settings.model_copy(update={"database_url": url, "catalog_public_url": "https://other.example.jp"})
    head = b"\n".join(LIST.read_bytes().splitlines()[:4])
    parks = {"titles": {"ja": "公園", "en": "Parks"}, "descriptions": {"ja": "一覧"}, "licence": "CC-BY-4.0"}
    full = parks | FULL | {"name": "city-parks", "themes": ["ENVI"], "frequency": "MONTHLY", "keywords": ["公園", "緑"]}
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(served(create_app(other)))
        async with httpx.AsyncClient(base_url=address) as client:
            (await client.post("/datasets/import", content=head, headers=TAKAMATSU)).raise_for_status()
            (await client.post("/datasets", json=full, headers=TAKAMATSU)).raise_for_status()
        yield address
    await drop(postgres_server, url)


PLACES = {
    "ckan": ("ckan", ""),
    "turtle": ("dcat", "/catalog.ttl?limit=2"),
    "xml": ("dcat", "/catalog.rdf"),
    "jsonld": ("dcat", "/catalog.jsonld"),
    "data_json": ("data.json", "/data.json"),
}


async def test_a_catalogue_is_read_over_each_protocol_and_again_without_a_change(
    here: httpx.AsyncClient, harvester: Harvester, another: str
) -> None:
    for tenant, (protocol, path) in PLACES.items():
        await add(here, another + path, tenant, protocol=protocol)
        run = await read(harvester, tenant)
        assert (run.state, run.note, run.counts["created"], run.counts["refused"]) == ("done", "", 4, 0), tenant
        found = (await here.get("/datasets", params={"q": "公園", "tenant": tenant})).json()["items"]
        parks = next(each for each in found if each["titles"]["ja"] == "公園")
        assert (parks["licence"], parks["themes"], parks["frequency"]) == ("CC-BY-4.0", ["ENVI"], "MONTHLY"), tenant
        assert (parks["box"], sorted(parks["keywords"])) == (FULL["box"], ["公園", "緑"]), tenant
        again = await read(harvester, tenant)
        assert (again.counts["unchanged"], again.counts["updated"], again.counts["created"]) == (4, 0, 0), tenant
        assert (await here.get(f"/datasets/{parks['name']}")).json()["version"] == 1


async def test_what_comes_back_over_another_catalogue_is_known_by_where_it_was_published_first(
    here: httpx.AsyncClient, harvester: Harvester, another: str, settings: CatalogSettings
) -> None:
    await add(here, f"{another}/data.json", protocol="data.json")
    assert (await read(harvester)).counts["created"] == 4
    third = {"catalog_public_url": "https://third.example.jp", "catalog_harvest_interval_s": 0}
    with served(create_app(settings.model_copy(update=third))) as url:  # the same data sets at other addresses
        for protocol, path in PLACES.values():
            body = {"protocol": protocol, "url": f"{url}{path}"}
            assert (await here.put("/harvest/sources/second", json=body, headers=FUKUI)).status_code == 200
            assert await harvester.read_next()
            (run, *_) = (await here.get("/harvest/sources/second/runs", headers=FUKUI)).json()
            counts = run["counts"]
            assert (run["state"], counts["seen"], counts["skipped"]) == ("done", 4, 4), (protocol, path, run)


async def test_what_changes_and_goes_elsewhere_changes_and_goes_here(
    here: httpx.AsyncClient, harvester: Harvester
) -> None:
    site = Elsewhere()
    with served(site.app) as url:
        await add(here, url)
        await read(harvester)
        site.packages = [site.package(0, title="新しい題"), site.package(1)]
        run = await read(harvester)
        assert (run.counts["updated"], run.counts["withdrawn"]) == (1, 1)
        assert await titles(here) == ["新しい題", "題1"]
        site.packages.append(site.package(2))
        assert (await read(harvester)).counts["updated"] == 1
        assert await titles(here) == ["新しい題", "題1", "題2"]


async def test_an_empty_answer_withdraws_nothing(here: httpx.AsyncClient, harvester: Harvester) -> None:
    site = Elsewhere()
    with served(site.app) as url:
        await add(here, url)
        await read(harvester)
        site.packages = []
        run = await read(harvester)
        assert (run.state, run.note) == ("failed", EMPTY)
        assert len(await titles(here)) == 3


async def test_a_large_loss_is_believed_the_second_time(here: httpx.AsyncClient, harvester: Harvester) -> None:
    site = Elsewhere()
    site.packages = [site.package(number) for number in range(30)]
    with served(site.app) as url:
        await add(here, url)
        await read(harvester)
        site.packages = site.packages[:3]
        assert (await read(harvester)).note == HALF_GONE
        assert len(await titles(here)) == 30
        assert (await read(harvester)).counts["withdrawn"] == 27


async def test_a_bad_record_is_reported_and_the_others_are_taken(here: httpx.AsyncClient, harvester: Harvester) -> None:
    site = Elsewhere()
    personal = {"extras": [{"key": "data_class", "value": "personal"}]}
    site.packages = [site.package(0), site.package(1, **personal), {"id": "id-2"}]
    with served(site.app) as url:
        await add(here, url)
        run = await read(harvester)
    assert (run.counts["created"], run.counts["refused"]) == (1, 2)
    assert [each["remote_id"] for each in run.errors] == ["id-1", "id-2"]
    assert "個人情報" in run.errors[0]["message"]


async def test_a_source_that_repeats_its_pages_is_left(here: httpx.AsyncClient, harvester: Harvester) -> None:
    site = Elsewhere()
    site.repeats = True
    with served(site.app) as url:
        await add(here, url)
        run = await read(harvester)
    assert (run.state, run.note) == ("failed", "The source answers with the same page twice")


async def test_a_source_that_fails_is_tried_again_sooner(here: httpx.AsyncClient, harvester: Harvester) -> None:
    site = Elsewhere()
    site.status = 500
    with served(site.app) as url:
        await add(here, url, every_s=86_400)
        run = await read(harvester)
        assert (run.state, run.note) == ("failed", "The source answers 500")
        (source,) = (await here.get("/harvest/sources", headers=FUKUI)).json()
    assert source["next_at"] is not None


async def test_what_was_edited_by_hand_stays(here: httpx.AsyncClient, harvester: Harvester) -> None:
    site = Elsewhere()
    with served(site.app) as url:
        await add(here, url)
        await read(harvester)
        await here.patch("/datasets/package-0", json={"titles": {"ja": "手で"}}, headers=FUKUI)
        site.packages[0]["title"] = "向こうで"
        await read(harvester)
    assert "手で" in await titles(here)


async def test_our_own_records_and_those_of_another_source_are_left_out(
    here: httpx.AsyncClient, harvester: Harvester
) -> None:
    site = Elsewhere()
    own = {"extras": [{"key": "uri", "value": "https://data.example.jp/dataset/x"}]}
    back = {"extras": [{"key": "original_uri", "value": "https://data.example.jp/dataset/x"}]}
    shared = {"extras": [{"key": "uri", "value": "https://third.jp/1"}]}
    site.packages = [site.package(0, **own), site.package(1, **shared), site.package(2, **back)]
    with served(site.app) as url:
        await add(here, url)
        assert (await read(harvester)).counts["skipped"] == 2
        body = {"protocol": "ckan", "url": url}
        assert (await here.put("/harvest/sources/second", json=body, headers=FUKUI)).status_code == 200
        assert await harvester.read_next()
        (run,) = (await here.get("/harvest/sources/second/runs", headers=FUKUI)).json()
    assert (run["counts"]["skipped"], run["counts"]["created"]) == (3, 0)


async def test_a_broken_run_goes_on_where_it_ended(here: httpx.AsyncClient, harvester: Harvester) -> None:
    site = Elsewhere()
    site.packages = [site.package(number) for number in range(150)]
    with served(site.app) as url:
        await add(here, url)
        engine, clock = harvester.catalogue.engine, harvester.catalogue.clock
        first = site.packages
        site.packages = first[:100]
        await read(harvester)
        async with writing(engine) as connection:
            source = await source_named(connection, "fukui", "other")
            assert source is not None
            (run, *_) = await runs_of(connection, source, 1)
            await _break_off(connection, run)
            await wish_for(connection, source, clock())
        site.packages = first
        assert await harvester.read_next()
        async with reading(engine) as connection:
            runs = await runs_of(connection, source, 5)
    assert (len(runs), runs[0].run_id, runs[0].state) == (1, run.run_id, "done")
    assert len(await titles(here)) == 150


async def _break_off(connection: Any, run: Run) -> None:
    """Leave a run as a replica leaves it that is killed after the first page."""
    own = harvest_run.c.run_id == run.run_id
    await connection.execute(harvest_run.update().where(own).values(state="running", place="100", finished_at=None))


async def test_two_replicas_do_not_read_one_source_at_once(catalogue: Catalogue, here: httpx.AsyncClient) -> None:
    first, second = Harvester(catalogue, "loopback", 1), Harvester(catalogue, "loopback", 1)
    site = Elsewhere()
    with served(site.app) as url:
        await add(here, url)
        assert await first.read_next()
        assert not await second.read_next()


async def test_addresses_of_the_installation_are_refused(settings: CatalogSettings) -> None:
    async with calling(create_app(settings.model_copy(update={"catalog_harvest_interval_s": 0}))) as client:
        for url in ("http://127.0.0.1:5432/", "http://10.0.0.1/", "http://[::1]/"):
            body = {"protocol": "ckan", "url": url}
            answer = await client.put("/harvest/sources/other", json=body, headers=FUKUI)
            assert answer.status_code == 400, url


async def test_a_source_is_forgotten_and_its_data_sets_stay(here: httpx.AsyncClient, harvester: Harvester) -> None:
    site = Elsewhere()
    with served(site.app) as url:
        await add(here, url)
        await read(harvester)
    assert (await here.delete("/harvest/sources/other", headers=FUKUI)).status_code == 204
    assert (await here.get("/harvest/sources/other/runs", headers=FUKUI)).status_code == 404
    assert len(await titles(here)) == 3


async def test_the_scheduler_reads_what_is_due(settings: CatalogSettings) -> None:
    site = Elsewhere()
    prompt = settings.model_copy(update={"catalog_harvest_interval_s": 0.2, "egress": "loopback"})
    with served(site.app) as url:
        async with calling(create_app(prompt)) as client:
            await add(client, url)
            await _until_done(client)
            assert (await client.post("/harvest/sources/other/runs", headers=FUKUI)).status_code == 202
            await _until_done(client, count=2)


async def _until_done(client: httpx.AsyncClient, count: int = 1) -> None:
    async with asyncio.timeout(60):
        while True:
            runs = (await client.get("/harvest/sources/other/runs", headers=FUKUI)).json()
            if len([each for each in runs if each["state"] == "done"]) >= count:
                return
            await asyncio.sleep(0.1)
