"""HEAD at the catalogue's entrance."""

from collections.abc import AsyncIterator

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from services.catalog.api.head import AnswersHead


async def test_a_head_is_that_of_a_get_and_a_stream_is_left_at_its_first_part() -> None:
    written: list[int] = []

    async def parts() -> AsyncIterator[bytes]:
        for number in range(1000):
            written.append(number)
            yield b"x" * 1000

    async def stream(request: Request) -> Response:
        return StreamingResponse(parts(), headers={"ETag": '"1"'})

    async def text(request: Request) -> Response:
        return PlainTextResponse(request.method)

    app = AnswersHead(Starlette(routes=[Route("/stream", stream), Route("/text", text)]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        streamed = await client.head("/stream")
        assert (streamed.status_code, streamed.headers["etag"], streamed.content) == (200, '"1"', b"")
        assert len(written) < 1000
        plain = await client.head("/text")
        assert (plain.headers["content-length"], plain.content) == ("3", b"")
        assert (await client.head("/none")).status_code == 404
        assert (await client.get("/text")).text == "GET"
