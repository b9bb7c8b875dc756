"""Documents that others publish: what a client is led to, what it shows on the way, and how much it takes."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from services.kernel.egress import EgressRefused
from services.kernel.fetch import MOST_REDIRECTS, GuardedClient, TooLarge, TooManyRedirects, read


async def _document(request: web.Request) -> web.Response:
    return web.json_response({name.lower(): value for name, value in request.headers.items()})


async def _redirect(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": request.query["to"]})


async def _step(request: web.Request) -> web.Response:
    left = int(request.match_info["left"])
    return web.Response(status=307, headers={"Location": f"{left - 1}"}) if left else web.Response(text="there")


def _application() -> web.Application:
    application = web.Application()
    application.add_routes([web.get("/document", _document), web.get("/lead", _redirect), web.get("/{left}", _step)])
    return application


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    async with TestServer(_application(), host="127.0.0.1") as started:
        yield started


async def test_secrets_stay_with_the_origin_that_they_are_for(server: TestServer) -> None:
    secret = {"Authorization": "Bearer of-the-first"}
    async with TestServer(_application(), host="127.0.0.1") as other, GuardedClient("loopback") as client:
        here, there = str(server.make_url("/document")), str(other.make_url("/document"))
        async with client.get(
            str(server.make_url("/lead").with_query(to=here)), {"Accept": "a/b"}, secret=secret
        ) as kept:
            shown = await kept.json()
        async with client.get(
            str(server.make_url("/lead").with_query(to=there)), {"Accept": "a/b"}, secret=secret
        ) as left:
            hidden = await left.json()
    assert shown["authorization"] == "Bearer of-the-first"
    assert "authorization" not in hidden
    assert hidden["accept"] == "a/b"


async def test_a_redirect_is_held_to_the_guard(server: TestServer) -> None:
    async with GuardedClient("loopback") as client:
        with pytest.raises(EgressRefused):
            async with client.get(str(server.make_url("/lead").with_query(to="http://169.254.169.254/"))):
                pass


async def test_redirects_are_followed_up_to_a_bound(server: TestServer) -> None:
    async with GuardedClient("loopback") as client:
        async with client.get(str(server.make_url(f"/{MOST_REDIRECTS}"))) as answer:
            assert await read(answer, 5) == b"there"
        with pytest.raises(TooManyRedirects):
            async with client.get(str(server.make_url(f"/{MOST_REDIRECTS + 1}"))):
                pass


async def test_a_body_is_not_read_beyond_what_is_taken(server: TestServer) -> None:
    async with GuardedClient("loopback") as client, client.get(str(server.make_url("/0"))) as answer:
        with pytest.raises(TooLarge):
            await read(answer, 4)
