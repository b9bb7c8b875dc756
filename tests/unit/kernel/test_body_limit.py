"""The limit on request bodies, announced or streamed."""

from collections.abc import AsyncIterator, Iterable

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from services.kernel import problems
from services.kernel.body_limit import BodyLimit
from services.kernel.errors import TooLarge


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    problems.install(made)

    @made.post("/json")
    async def read_json(body: dict[str, str]) -> int:
        return len(body)

    @made.post("/bytes")
    async def read_bytes(request: Request) -> int:
        return len(await request.body())

    @made.post("/unread")
    async def leave_unread() -> str:
        return "not read"

    return made


def _client(app: object) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(BodyLimit(app, 1000)), base_url="http://hub.test")  # type: ignore[arg-type]


async def _parts(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.mark.parametrize("path", ["/json", "/bytes", "/unread"])
async def test_a_body_announced_too_large_is_refused_at_once(app: FastAPI, path: str) -> None:
    async with _client(app) as client:
        answer = await client.post(path, content=b"x" * 1001)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["detail"] == "The body is larger than 1000 bytes"


@pytest.mark.parametrize("path", ["/json", "/bytes"])
async def test_a_stream_too_large_is_refused(app: FastAPI, path: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with _client(app) as client:
        answer = await client.post(path, content=_parts([b"x" * 600] * 2), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


@pytest.mark.parametrize("content", [b"x" * 1000, b""])
async def test_a_body_within_the_limit_arrives_whole(app: FastAPI, content: bytes) -> None:
    async with _client(app) as client:
        assert (await client.post("/bytes", content=content)).json() == len(content)
        assert (await client.post("/bytes", content=_parts([content[:400], content[400:]]))).json() == len(content)


async def test_a_faces_own_refusal_stands() -> None:
    async def face(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            while (await receive()).get("more_body"):
                pass
        except TooLarge:
            await PlainTextResponse("in my own words", 413)(scope, receive, send)

    async with _client(face) as client:
        answer = await client.post("/", content=_parts([b"x" * 600] * 2))
    assert (answer.status_code, answer.text) == (413, "in my own words")


async def test_another_answer_to_a_stream_too_large_is_replaced() -> None:
    async def mistaken(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            while (await receive()).get("more_body"):
                pass
        except TooLarge:
            await Response("what?", 400)(scope, receive, send)

    async with _client(mistaken) as client:
        assert (await client.post("/", content=_parts([b"x" * 600] * 2))).status_code == 413


async def test_other_kinds_of_connection_pass() -> None:
    passed = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(scope["type"])

    async def silent(*_: object) -> None:
        return None

    await BodyLimit(app, 1000)({"type": "lifespan"}, silent, silent)  # type: ignore[arg-type]
    assert passed == ["lifespan"]
