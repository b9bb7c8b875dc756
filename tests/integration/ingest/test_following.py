"""Lists of reports, as the meteorological agency publishes them, over HTTP."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from services.ingest.connectors.fetching import Ask, FetchFailed, Limits
from services.ingest.connectors.following import FollowingFetcher
from services.ingest.feeds.jma.atom import unpack
from tests.support.ingest import IngestBench
from tests.support.ngsild_peer import NgsildPeer
from tests.unit.ingest.feeds.documents import report

ENTRY = (
    '<entry><title>t</title><id>{url}</id><updated>{at}</updated><link type="application/xml" href="{url}"/></entry>'
)


@dataclass
class Agency:
    """A server with a list and reports; `names` are listed oldest first, the list has them newest first."""

    url: str = ""
    names: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def answer_list(self, request: web.Request) -> web.Response:
        version = f'"{len(self.names)}"'
        if request.headers.get("If-None-Match") == version:
            return web.Response(status=304, headers={"ETag": version})
        entries = [
            ENTRY.format(url=f"{self.url}/data/{name}.xml", at=f"2026-09-01T00:{place:02}:00Z")
            for place, name in enumerate(self.names)
        ]
        text = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>f</title>{"".join(reversed(entries))}</feed>'
        return web.Response(text=text, content_type="application/xml", headers={"ETag": version})

    async def answer_report(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.asked.append(name)
        return web.Response(status=404) if name == "gone" else web.Response(body=report(name))


async def answer_time(request: web.Request) -> web.Response:
    return web.Response(text="2026-08-20T10:30:00+09:00", headers={"ETag": '"1030"'})


async def answer_map(request: web.Request) -> web.Response:
    return web.json_response({"72086": {"temp": [28.4, 0]}}, headers={"ETag": '"map"'})


@contextlib.asynccontextmanager
async def agency() -> AsyncIterator[Agency]:
    served = Agency()
    app = web.Application()
    app.router.add_get("/feed/eqvol.xml", served.answer_list)
    app.router.add_get("/data/{name}.xml", served.answer_report)
    app.router.add_get("/amedas/data/latest_time.txt", answer_time)
    app.router.add_get("/amedas/data/map/20260820103000.json", answer_map)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    served.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield served
    finally:
        await runner.cleanup()


async def test_each_version_of_a_list_brings_the_reports_that_are_new_oldest_first() -> None:
    async with agency() as served:
        fetcher = FollowingFetcher("loopback", Limits(20, 10_000_000))
        url = f"{served.url}/feed/eqvol.xml"
        served.names = ["weather", "flood"]
        first = await fetcher.fetch(Ask(url))
        assert [content for _, content in unpack(first.content)] == [report("weather"), report("flood")]
        assert (await fetcher.fetch(Ask(url, etag=first.etag))).is_unchanged
        served.names.append("earthquake")
        later = await fetcher.fetch(Ask(url, etag=first.etag))
        assert [content for _, content in unpack(later.content)] == [report("earthquake")]
        again = await fetcher.fetch(Ask(url, etag=first.etag))
        assert again.content == later.content
        assert served.asked == ["weather", "flood", "earthquake", "earthquake"]
        other = await fetcher.fetch(Ask(url))
        assert len(list(unpack(other.content))) == 3


async def test_a_report_that_cannot_be_fetched_leaves_the_list_for_later() -> None:
    async with agency() as served:
        served.names = ["weather", "gone"]
        fetcher = FollowingFetcher("loopback", Limits(20, 10_000_000))
        with pytest.raises(FetchFailed):
            await fetcher.fetch(Ask(f"{served.url}/feed/eqvol.xml"))


async def test_the_latest_time_brings_its_map_under_its_own_version() -> None:
    async with agency() as served:
        fetcher = FollowingFetcher("loopback", Limits(20, 10_000_000))
        found = await fetcher.fetch(Ask(f"{served.url}/amedas/data/latest_time.txt"))
        assert (found.name, found.etag) == ("20260820103000.json", '"1030"')
        assert b"72086" in found.content


async def test_reports_of_a_list_are_imported_in_their_order(bench: IngestBench, peer: NgsildPeer) -> None:
    async with agency() as served:
        served.names = ["tsunami-drill", "weather", "tsunami-cancelled"]
        fetched = await FollowingFetcher("loopback", Limits(20, 10_000_000)).fetch(Ask(f"{served.url}/feed/eqvol.xml"))
        parameters = {"option": "places=3720100,香川県"}
        headers = {"Fiware-Service": "takamatsu"}
        answer = await bench.client.post("/imports", params=parameters, content=fetched.content, headers=headers)
        assert answer.status_code == 201, answer.text
        assert (answer.json()["report"]["feed"], answer.json()["report"]["refused"]) == ("jma-xml", [])
        found = {identifier.rpartition("jma-")[2]: entity for (_, identifier), entity in peer.entities.items()}
        assert found["tsunami-570"]["status"]["value"] == "cancelled"
        assert found["weather-3720100"]["status"]["value"] == "active"
        assert not {"weather-3720200", "tsunami-610"} & set(found)
