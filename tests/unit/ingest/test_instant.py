"""The time of a measure, in the zone of its device."""

import pytest

from services.ingest.domain.instant import find_zone, read_instant
from services.ingest.domain.refusal import MeasureRefused, Reason

TOKYO = find_zone("Asia/Tokyo")


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("2023-07-13T07:20", "2023-07-12T22:20:00Z"),
        ("2023-07-13T07:20:00Z", "2023-07-13T07:20:00Z"),
        ("2023-07-13T07:20:00.250+01:00", "2023-07-13T06:20:00.250000Z"),
        ("2023-07-13T24:00", "2023-07-13T15:00:00Z"),
        ("2023-07-13T24:00:00.000+01:00", "2023-07-13T23:00:00Z"),
        (1689200400, "2023-07-12T22:20:00Z"),
        (1689200400250, "2023-07-12T22:20:00.250000Z"),
    ],
)
def test_times_are_written_in_utc(raw: object, written: str) -> None:
    assert read_instant(raw, TOKYO) == written


@pytest.mark.parametrize(
    "raw", ["", "24:00", "2023-07-13T24:01", "2023-13-01T00:00", True, [], {}, 10**30, "0001-01-01T00:00"]
)
def test_what_is_no_time_is_refused(raw: object) -> None:
    with pytest.raises(MeasureRefused) as caught:
        read_instant(raw, TOKYO)
    assert caught.value.refusal.reason is Reason.BAD_TIMESTAMP


@pytest.mark.parametrize("name", ["Asia/Nowhere", "", "../etc/passwd", "Asia"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        find_zone(name)
