"""When connectors run, and what they may be."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from services.ingest.connectors.connector import ConnectorDocument, Schedule, retry_after
from services.ingest.connectors.fetching import read_wait
from services.ingest.connectors.schedule import read_times
from services.kernel.errors import InvalidRequest

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 8, 20, 6, 30, 15, tzinfo=TOKYO)
GOOD: dict[str, Any] = {"url": "https://example.jp/a?key={key}", "schedule": {"every_s": 60}, "feed": "gtfs-rt"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("* * * * *", "2026-08-20T06:31"),
        ("*/15 * * * *", "2026-08-20T06:45"),
        ("0 6 * * *", "2026-08-21T06:00"),
        ("30 6 * * *", "2026-08-21T06:30"),
        ("15,45 7-9 * * *", "2026-08-20T07:15"),
        ("0 0 1 * *", "2026-09-01T00:00"),
        ("0 12 * * 0", "2026-08-23T12:00"),
        ("0 12 * * 7", "2026-08-23T12:00"),
        ("0 0 1 * 5", "2026-08-21T00:00"),
        ("0 0 29 2 *", "2028-02-29T00:00"),
        ("5/20 * * * *", "2026-08-20T06:45"),
    ],
)
def test_the_next_time_is_that_of_cron_in_japan(text: str, expected: str) -> None:
    found = read_times(text, TOKYO).next_after(NOW.astimezone(UTC))
    assert found == datetime.fromisoformat(expected).replace(tzinfo=TOKYO)


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "a * * * *", "5-1 * * * *", "*/0 * * * *", "0 0 30 2 *", "１ * * * *"],
)
def test_times_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        read_times(text, TOKYO)


def test_an_interval_varies_a_little_so_that_connectors_do_not_run_all_at_once() -> None:
    pauses = {Schedule(every_s=100).next_after(NOW, TOKYO) - NOW for _ in range(50)}
    assert min(pauses) >= timedelta(seconds=100)
    assert max(pauses) <= timedelta(seconds=105)
    assert len(pauses) > 1


def test_the_pause_grows_with_failures_up_to_an_hour() -> None:
    for failures, longest in ((1, 30), (2, 60), (5, 480), (9, 3600), (1000, 3600)):
        assert longest / 2 <= retry_after(failures).total_seconds() <= longest


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"url": "https://user:secret@example.jp/"}, "user or password"),
        ({"url": ""}, "url"),
        ({"url": "https://example.jp/\r\nHost: x"}, "url"),
        ({"schedule": {}}, "every_s or at"),
        ({"schedule": {"every_s": 60, "at": "* * * * *"}}, "every_s or at"),
        ({"schedule": {"every_s": 1}}, "every_s"),
        ({"feed": None}, "feed, mapping or type"),
        ({"mapping": "park"}, "stands alone"),
        ({"headers": {"Host": "x"}}, "cannot be set"),
        ({"headers": {"a b": "x"}}, "cannot be set"),
        ({"headers": {"X": "a\r\nb"}}, "headers"),
        ({"surprise": 1}, "surprise"),
        ({"push": {"scheme": "token", "secret": "key"}}, "push stands alone"),
        ({"url": None}, "url and schedule, or push"),
        ({"url": None, "schedule": None, "push": {"scheme": "md5", "secret": "key"}}, "scheme"),
    ],
)
def test_a_connector_that_cannot_be_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ConnectorDocument.model_validate({**GOOD, **change})


def test_secrets_stand_in_address_and_headers_by_name() -> None:
    document = ConnectorDocument.model_validate({**GOOD, "headers": {"Authorization": "Bearer {token}"}})
    secrets = {"key": "a/b c", "token": "t&t"}
    assert document.address(secrets) == "https://example.jp/a?key=a%2Fb%20c"
    assert document.filled_headers(secrets) == {"Authorization": "Bearer t&t"}
    document.check_secrets(secrets)
    with pytest.raises(InvalidRequest, match="token"):
        document.check_secrets({"key": "x"})


def test_a_server_says_how_long_it_wants_to_be_left_alone() -> None:
    now = datetime(2026, 8, 20, 9, 0, tzinfo=UTC)
    told = ["120", "Thu, 20 Aug 2026 09:10:00 GMT", "Thu, 20 Aug 2026 08:00:00 GMT", "999999999", "soon", "-5", ""]
    assert [read_wait(each, now).total_seconds() for each in told] == [120, 600, 0, 86_400, 0, 0, 0]
