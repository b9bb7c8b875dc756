"""What the demo's receiver makes of notifications."""

import json
from typing import Any

import pytest

from services.local.demo.notices import Board, NotANotification, Notice, read_notices


def notification(**alert: Any) -> bytes:
    entity = {
        "id": "urn:ngsi-ld:WaterLevelObserved:fukui-1",
        "type": "WaterLevelObserved",
        "name": {"type": "Property", "value": "九十九橋"},
        "river": {"type": "Property", "value": "足羽川"},
        "waterLevel": {"type": "Property", "value": 4.9, "unitCode": "MTR"},
        "alertLevel": {"type": "Property", "value": 2, "observedAt": "2023-07-12T22:20:00Z", **alert},
    }
    return json.dumps({"type": "Notification", "data": [entity]}).encode()


def test_a_notice_is_one_line_in_japanese_time() -> None:
    (notice,) = read_notices(notification())
    assert notice.line() == "2023-07-13 07:20  足羽川 九十九橋  4.90 m  alertLevel 0 -> 2 はん濫注意"


def test_an_entity_without_an_alert_level_is_passed_over() -> None:
    body = json.dumps({"data": [{"id": "urn:x:1", "type": "X"}]}).encode()
    assert list(read_notices(body)) == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"data": 1}', b'{"data": [1]}', b'{"data": [{"alertLevel": 1}]}']
)
def test_what_is_no_notification_is_refused(body: bytes) -> None:
    with pytest.raises(NotANotification):
        list(read_notices(body))


@pytest.mark.parametrize("level", [5, -9, "high", None])
def test_a_level_beyond_four_is_refused(level: object) -> None:
    with pytest.raises(NotANotification):
        list(read_notices(notification(value=level)))


@pytest.mark.parametrize(
    ("before", "now", "is_change"), [(None, 0, False), (None, 1, True), (2, 2, False), (2, 0, True)]
)
def test_a_level_that_stays_is_no_change(before: int | None, now: int, *, is_change: bool) -> None:
    former = {} if before is None else {"previousValue": before}
    (notice,) = read_notices(notification(value=now, **former))
    assert notice.is_change is is_change


def test_the_board_keeps_the_last_changes_and_counts_all() -> None:
    board = Board(most=2)
    for number in range(4):
        board.add(Notice("2023-07-13 07:20", f"urn:x:{number}", "橋", "川", None, min(number, 1)))
    shown = json.loads(board.to_json(limit=5))
    assert shown["received"] == 4
    assert [each["gauge"] for each in shown["changes"]] == ["urn:x:3", "urn:x:2"]
