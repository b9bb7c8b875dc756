"""What a service tells of itself."""

import io
import json
import logging
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.exposition import generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.kernel.telemetry import (
    HttpMetrics,
    JsonLines,
    Telemetry,
    configure_logging,
    correlator,
    create_registry,
)


async def _seen(request: Request) -> Response:
    return PlainTextResponse(correlator.get())


async def _fail(request: Request) -> Response:
    raise RuntimeError("no reason to tell")


@pytest.fixture
def registry() -> object:
    return create_registry()


def _client(registry: object) -> httpx.AsyncClient:
    app = Starlette(routes=[Route("/seen/{name}", _seen), Route("/fail", _fail)])
    transport = httpx.ASGITransport(Telemetry(app, HttpMetrics(registry)), raise_app_exceptions=False)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://hub.test")


async def test_the_correlator_of_a_request_goes_in_and_comes_back(registry: object) -> None:
    async with _client(registry) as client:
        answer = await client.get("/seen/a", headers={"Fiware-Correlator": "abc"})
    assert (answer.text, answer.headers["fiware-correlator"]) == ("abc", "abc")
    assert correlator.get() == ""


async def test_a_request_without_a_correlator_gets_one_of_its_own(registry: object) -> None:
    async with _client(registry) as client:
        first, second = await client.get("/seen/a"), await client.get("/seen/a")
    assert first.text == first.headers["fiware-correlator"]
    assert len(first.text) == 36
    assert first.text != second.text


@pytest.mark.parametrize("sent", [b"a\x01b", b"\x80"])
async def test_a_correlator_that_cannot_be_printed_is_replaced(registry: object, sent: bytes) -> None:
    async with _client(registry) as client:
        answer = await client.get("/seen/a", headers=[(b"fiware-correlator", sent)])
    assert len(answer.text) == 36


async def test_a_long_correlator_is_cut(registry: object) -> None:
    async with _client(registry) as client:
        answer = await client.get("/seen/a", headers={"Fiware-Correlator": "x" * 500})
    assert answer.headers["fiware-correlator"] == "x" * 200


async def test_requests_are_counted_by_method_route_and_status(registry: object) -> None:
    async with _client(registry) as client:
        await client.get("/seen/a")
        await client.get("/fail")
        await client.get("/nowhere")
    text = generate_latest(registry).decode()  # type: ignore[arg-type]
    assert 'hiroba_http_requests_total{method="GET",route="/fail",status="500"} 1.0' in text
    assert 'route="unknown",status="404"} 1.0' in text
    assert "/seen/a" not in text
    assert "hiroba_http_request_seconds_count" in text
    assert "process_resident_memory_bytes" in text


def test_two_apps_of_one_process_count_apart() -> None:
    first, second = create_registry(), create_registry()
    HttpMetrics(first).observe("GET", "/a", 200, 0.1)
    HttpMetrics(second)
    assert b'route="/a"' in generate_latest(first)
    assert b'route="/a"' not in generate_latest(second)


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines("auth"))
    logger = logging.Logger("hiroba.test")
    logger.addHandler(handler)
    yield logger, stream
    handler.close()


def test_a_log_line_is_json_with_its_fields(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.warning("A thing happens", extra={"tenant": "高松", "odd": {1, 2}})
    line = json.loads(stream.getvalue())
    assert (line["level"], line["service"], line["message"]) == ("WARNING", "auth", "A thing happens")
    assert line["tenant"] == "高松"
    assert line["time"].endswith("Z")
    assert "correlator" not in line


def test_a_log_line_within_a_request_has_its_correlator(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    token = correlator.set("abc")
    logger.info("A thing happens")
    correlator.reset(token)
    assert json.loads(stream.getvalue())["correlator"] == "abc"


def test_an_exception_stays_on_its_line(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    try:
        int("broken")
    except ValueError:
        logger.exception("A thing fails")
    assert len(stream.getvalue().splitlines()) == 1
    assert "ValueError: invalid literal" in json.loads(stream.getvalue())["exception"]


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield root
    root.handlers[:], level = before[0], before[1]
    root.setLevel(level)


def test_logging_goes_to_standard_error(root_logger: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("auth", "INFO")
    logging.getLogger("hiroba.any").info("Heard")
    logging.getLogger("hiroba.any").debug("Not heard")
    logging.getLogger("httpx").info("Noise")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["message"] for line in lines] == ["Heard"]


def test_tokens_that_a_library_tells_are_not_written(
    root_logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("auth", "DEBUG")
    logging.getLogger("authlib.oauth2.rfc6749.grants.refresh_token").debug("Issue token %r", "secret")
    assert "secret" not in capsys.readouterr().err


async def test_a_failed_request_is_logged_without_its_payload(
    registry: object, root_logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("auth", "INFO")
    async with _client(registry) as client:
        await client.request("GET", "/fail", content=b"secret", headers={"Authorization": "Bearer secret"})
    written = capsys.readouterr().err
    line = next(each for each in map(json.loads, written.splitlines()) if each["logger"] == "hiroba.http")
    assert (line["method"], line["route"], line["status"]) == ("GET", "/fail", 500)
    assert "secret" not in written
