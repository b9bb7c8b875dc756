"""What streams are made of: places, logged changes, events as text, tickets, parameters that stand for headers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given

from services.broker.domain.change import Change
from services.broker.domain.logged_change import Place, change_document, change_from_document, read_place
from services.broker.matching.effect import Effect
from services.broker.stream.entrance import Entrance
from services.broker.stream.events import event, heartbeat
from services.broker.stream.lifetime import until_gone
from services.broker.stream.tickets import Tickets
from services.kernel.errors import NotAuthenticated
from services.kernel.seal import Seal
from services.kernel.telemetry import Message, Receive, Scope, Send
from tests.unit.broker.matching.samples import changes

NOW = datetime(2026, 7, 1, tzinfo=UTC)
TICKETS = Tickets(Seal("a secret of the tests, 32 characters"))


def test_a_place_is_read_as_it_was_written() -> None:
    place = Place(7, 9, 4711)
    assert read_place(str(place)) == place


@pytest.mark.parametrize("text", ["", "1-2", "9-7-1", "a-b-c", "1-2-3\n", "-1-2-3", "1-2-" + "9" * 19])
def test_other_ids_are_no_places(text: str) -> None:
    assert read_place(text) is None


@given(changes())
def test_a_logged_change_has_the_effect_it_had(change: Change) -> None:
    read = change_from_document(orjson.loads(orjson.dumps(change_document(change))), NOW)
    was, now = Effect(change), Effect(read)
    assert (read.kind, read.written, read.forced) == (change.kind, change.written, change.forced)
    assert (now.created, now.deleted, now.updated, now.changed) == (was.created, was.deleted, was.updated, was.changed)
    assert read.entity.attrs == change.entity.attrs


def test_an_event_is_one_line_of_json() -> None:
    text = event({"name": "a\nb"}, place=Place(1, 2, 3), kind="deleted")
    assert text == b'event: deleted\nid: 1-2-3\ndata: {"name":"a\\nb"}\n\n'
    assert heartbeat(Place(1, 2, 3)) == b"id: 1-2-3\n\n"


async def test_parts_end_with_their_reader() -> None:
    ended = []

    async def parts() -> AsyncIterator[bytes]:
        try:
            yield b"one"
            await asyncio.sleep(60)
            yield b"two"
        finally:
            ended.append(True)

    read = [part async for part in until_gone(parts(), asyncio.sleep(0.05))]
    assert read == [b"one"]
    assert ended == [True]


def test_a_ticket_is_opened_by_its_seal_alone() -> None:
    ticket = TICKETS.close("Bearer abc")
    assert "abc" not in ticket
    assert TICKETS.open(ticket) == "Bearer abc"
    for other in ("", "abc", ticket[:-3], Seal("a secret of the tests, 32 characters").close("Bearer abc")):
        with pytest.raises(NotAuthenticated):
            TICKETS.open(other)


async def _translated(query: str, *headers: tuple[bytes, bytes]) -> tuple[Scope, list[Message]]:
    seen: list[Scope] = []
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": query.encode(), "headers": list(headers)}
    await Entrance(app, TICKETS)(scope, receive, send)
    return (seen[0] if seen else {}), sent


async def test_parameters_stand_for_headers() -> None:
    query = f"type=Gauge&tenant=fukui&servicePath=/a/%23&ticket={TICKETS.close('Bearer abc')}&lastEventId=1-2-3"
    scope, _ = await _translated(query, (b"accept", b"text/event-stream"))
    assert scope["query_string"] == b"type=Gauge"
    assert dict(scope["headers"]) == {
        b"fiware-service": b"fukui",
        b"fiware-servicepath": b"/a/#",
        b"authorization": b"Bearer abc",
        b"last-event-id": b"1-2-3",
    }


async def test_a_returning_readers_header_wins_over_the_parameter() -> None:
    scope, _ = await _translated("lastEventId=1-1-1", (b"last-event-id", b"9-9-9"))
    assert scope["headers"] == [(b"last-event-id", b"9-9-9")]


async def test_a_tenant_named_twice_is_named_twice() -> None:
    scope, _ = await _translated("tenant=fukui", (b"fiware-service", b"takamatsu"))
    assert len(scope["headers"]) == 2


@pytest.mark.parametrize(("query", "accept", "status"), [("ticket=x", b"*/*", 401), ("", b"application/json", 406)])
async def test_who_may_or_can_not_read_is_refused(query: str, accept: bytes, status: int) -> None:
    scope, sent = await _translated(query, (b"accept", accept))
    assert scope == {}
    assert sent[0]["status"] == status
