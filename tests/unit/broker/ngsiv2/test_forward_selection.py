"""What a provider is asked: the entities and attributes that are both registered and asked for."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.broker.domain.v2_registration import V2Registration
from services.broker.ngsiv2.forward_selection import question_for

A_ROOM = {"id": "r1", "type": "Room"}


def _registration(*entities: dict[str, str], attributes: tuple[str, ...] = ()) -> V2Registration:
    document = {"dataProvided": {"entities": list(entities), "attrs": list(attributes)}, "provider": {}}
    return V2Registration("0" * 24, "/", document, datetime.now(UTC))


@pytest.mark.parametrize(
    ("provided", "asked", "expected"),
    [
        (A_ROOM, {"id": "r1", "type": "Room"}, A_ROOM),
        (A_ROOM, {"id": "r1"}, A_ROOM),
        (A_ROOM, {"idPattern": "^r"}, A_ROOM),
        (A_ROOM, {"idPattern": ".*", "typePattern": "oo"}, A_ROOM),
        (A_ROOM, {"id": "r2"}, None),
        (A_ROOM, {"id": "r1", "type": "Car"}, None),
        (A_ROOM, {"idPattern": "^x"}, None),
        (A_ROOM, {"idPattern": ".*", "typePattern": "^Car"}, None),
        ({"id": "r1"}, {"id": "r1", "type": "Room"}, A_ROOM),
        ({"id": "r1"}, {"idPattern": "r", "typePattern": "R"}, {"id": "r1", "typePattern": "R"}),
        ({"idPattern": ".*", "type": "Room"}, {"id": "r1"}, A_ROOM),
        ({"idPattern": ".*", "type": "Room"}, {"idPattern": "^r"}, {"idPattern": "^r", "type": "Room"}),
        ({"idPattern": ".*"}, {"type": "Room"}, {"idPattern": ".*", "type": "Room"}),
    ],
)
def test_entities_are_what_is_provided_and_asked_for(
    provided: dict[str, str], asked: dict[str, str], expected: dict[str, str] | None
) -> None:
    question = question_for(_registration(provided), (asked,), ())
    assert question == (None if expected is None else {"entities": [expected]})


@pytest.mark.parametrize(
    ("provided", "asked", "expected"),
    [
        ((), (), {}),
        (("a", "b"), (), {"attrs": ["a", "b"]}),
        ((), ("a",), {"attrs": ["a"]}),
        (("a", "b"), ("b", "c"), {"attrs": ["b"]}),
        (("a",), ("c",), None),
    ],
)
def test_attributes_are_what_is_provided_and_asked_for(
    provided: tuple[str, ...], asked: tuple[str, ...], expected: dict[str, Any] | None
) -> None:
    question = question_for(_registration(A_ROOM, attributes=provided), (A_ROOM,), asked)
    assert question == (None if expected is None else {"entities": [A_ROOM], **expected})


def test_an_entity_is_asked_for_once() -> None:
    question = question_for(_registration(A_ROOM, A_ROOM), (A_ROOM, {"id": "r1"}), ())
    assert question == {"entities": [A_ROOM]}
