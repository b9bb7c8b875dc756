"""Instants as the interfaces write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.kernel.clock import from_iso, system_clock, to_iso, to_iso_millis

JST = timezone(timedelta(hours=9))


def test_the_clock_is_aware_and_in_utc() -> None:
    assert system_clock().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("instant", "expected", "millis"),
    [
        (datetime(2024, 6, 23, 9, 0, tzinfo=JST), "2024-06-23T00:00:00Z", "2024-06-23T00:00:00.000Z"),
        (datetime(2024, 6, 23, 0, 0, 0, 1, tzinfo=UTC), "2024-06-23T00:00:00.000001Z", "2024-06-23T00:00:00.000Z"),
        (datetime(2024, 1, 1, 0, 0, 0, 999_999, tzinfo=JST), "2023-12-31T15:00:00.999999Z", "2023-12-31T15:00:00.999Z"),
    ],
)
def test_an_instant_is_written_in_utc(instant: datetime, expected: str, millis: str) -> None:
    assert (to_iso(instant), to_iso_millis(instant)) == (expected, millis)


def test_an_instant_comes_back_as_it_was_written() -> None:
    now = system_clock()
    assert from_iso(to_iso(now)) == now


def test_a_date_time_without_a_zone_is_utc() -> None:
    assert from_iso("2024-06-23T00:00:00") == datetime(2024, 6, 23, tzinfo=UTC)
    assert from_iso("2024-06-23T09:00:00+09:00") == datetime(2024, 6, 23, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01T00:00:00Z"])
def test_what_is_no_date_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_iso(text)
