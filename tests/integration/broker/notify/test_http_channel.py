"""The HTTP channel: where it goes, and where it does not."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from services.broker.notify.http_channel import HttpChannel
from services.broker.notify.message import Delivery, HttpMessage
from tests.support.receiver import Receiver, receiving


@pytest.fixture
async def channel() -> AsyncIterator[HttpChannel]:
    channel = HttpChannel("loopback", 1000)
    yield channel
    await channel.close()


def message(url: str, *, body: bytes = b"{}", timeout_s: float = 30, **headers: str) -> HttpMessage:
    return HttpMessage(url, headers, body, timeout_s=timeout_s)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_2xx_is_success(channel: HttpChannel, receiver: Receiver, status: int) -> None:
    receiver.status = status
    assert await channel.send(message(receiver.url)) == Delivery(is_success=True, code=status)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(channel: HttpChannel, receiver: Receiver, status: int) -> None:
    async with receiving() as hidden:
        receiver.status, receiver.location = status, hidden.url
        delivery = await channel.send(message(receiver.url))
        assert (delivery.is_success, delivery.code) == (False, status)
        assert not hidden.received


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://[::1]:9/",
        "http://[::ffff:127.0.0.1]:9/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0.0.0.0/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
    ],
)
async def test_private_addresses_and_other_schemes_are_refused_for_good(url: str) -> None:
    channel = HttpChannel("public", 1000)
    delivery = await channel.send(message(url))
    await channel.close()
    assert not delivery.is_success
    assert delivery.hopeless


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f000001", "127.1"])
async def test_a_name_that_leads_to_a_private_address_is_not_called(receiver: Receiver, host: str) -> None:
    channel = HttpChannel("public", 1000)
    delivery = await channel.send(message(receiver.url.replace("127.0.0.1", host)))
    await channel.close()
    assert not delivery.is_success
    assert not receiver.received


async def test_a_receiver_that_does_not_answer_in_time_fails(channel: HttpChannel, receiver: Receiver) -> None:
    receiver.delay_s = 1
    delivery = await channel.send(message(receiver.url, timeout_s=0.2))
    assert delivery.reason == "The receiver does not answer within 0.2 s"


async def test_a_closed_port_fails_with_a_reason(channel: HttpChannel) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    delivery = await channel.send(message(f"http://127.0.0.1:{port}/"))
    assert delivery.reason.startswith("The receiver cannot be reached")


async def test_a_receiver_that_lies_in_its_answer_fails(channel: HttpChannel) -> None:
    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-liar\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(lie, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        delivery = await channel.send(message(f"http://127.0.0.1:{port}/"))
    assert not delivery.is_success
    assert delivery.reason


async def test_an_endless_answer_is_cut_off(channel: HttpChannel) -> None:
    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
                await writer.drain()
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        delivery = await channel.send(message(f"http://127.0.0.1:{port}/"))
    assert delivery == Delivery(is_success=True, code=200)


async def test_what_is_too_large_is_not_sent(channel: HttpChannel, receiver: Receiver) -> None:
    assert (await channel.send(message(receiver.url, body=b"x" * 1001))).hopeless
    assert (await channel.send(message(receiver.url, secret="x" * 20_000))).hopeless
    assert not receiver.received


async def test_a_header_cannot_smuggle_another(channel: HttpChannel, receiver: Receiver) -> None:
    delivery = await channel.send(message(receiver.url, evil="a\r\nX-Other: b"))
    assert not delivery.is_success
    assert not receiver.received


@pytest.mark.parametrize("name", ["Bad Name", "X:Y", "", "名前"])
async def test_a_header_needs_a_name_that_is_one(channel: HttpChannel, receiver: Receiver, name: str) -> None:
    delivery = await channel.send(HttpMessage(receiver.url, {name: "x"}, b"{}"))
    assert not delivery.is_success
    assert not receiver.received


async def test_a_subscriber_cannot_say_where_a_request_ends(channel: HttpChannel, receiver: Receiver) -> None:
    framing = {"Transfer-Encoding": "chunked", "content-length": "0", "Connection": "close", "Host": "other.test"}
    assert (await channel.send(HttpMessage(receiver.url, framing, b"{}"))).is_success
    (received,) = receiver.received
    assert received.raw == b"{}"
    headers = {name.lower(): value for name, value in received.headers.items()}
    assert headers["host"] == receiver.url.split("/")[2]
    assert headers.keys().isdisjoint({"transfer-encoding", "connection"})


def test_messages_do_not_show_secrets() -> None:
    shown = repr(message("http://receiver.test/?key=secret", Authorization="Bearer secret"))
    assert "secret" not in shown


async def test_a_kept_connection_that_the_receiver_closed_is_replaced_at_once(channel: HttpChannel) -> None:
    asked: list[int] = []

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        asked.append(1)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        await reader.readuntil(b"{}")
        writer.close()

    server = await asyncio.start_server(answer_once, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        deliveries = [await channel.send(message(url)) for _ in range(3)]
    assert all(each.is_success for each in deliveries)
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("answer", "is_success"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ncut off", False),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\ncut", False),
        (b"", False),
    ],
)
async def test_an_answer_counts_when_it_is_whole(channel: HttpChannel, answer: bytes, *, is_success: bool) -> None:
    async def give(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"{}")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(give, "127.0.0.1", 0)
    async with server:
        delivery = await channel.send(message(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"))
    assert delivery.is_success is is_success
    assert is_success or delivery.reason == "The receiver closes the connection"


async def test_a_certificate_that_nobody_vouches_for_is_refused(channel: HttpChannel, receiver: Receiver) -> None:
    delivery = await channel.send(message(receiver.url.replace("http:", "https:")))
    assert delivery.reason.startswith("The receiver cannot be reached")
    assert not receiver.received


async def test_a_url_keeps_its_query_and_its_login_becomes_a_header(channel: HttpChannel, receiver: Receiver) -> None:
    url = receiver.url.replace("http://", "http://ann:s%20t@") + "?a=b%20c&d=橋"
    assert (await channel.send(message(url))).is_success
    [received] = receiver.received
    assert received.query == "a=b c&d=橋"
    headers = {name.lower(): value for name, value in received.headers.items()}
    assert headers["authorization"] == "Basic YW5uOnMgdA=="
    assert headers["host"] == receiver.url.split("/")[2]


async def test_more_requests_than_connections_wait_for_one(channel: HttpChannel, receiver: Receiver) -> None:
    receiver.delay_s = 5.0
    deliveries = await asyncio.gather(*(channel.send(message(receiver.url, timeout_s=9.9)) for _ in range(150)))
    assert all(each.is_success for each in deliveries)
