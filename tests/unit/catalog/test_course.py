"""Line charts of readings, and values as readers want them."""

from datetime import UTC, datetime, timedelta

import pytest

from services.catalog.portal.history import HEIGHT, WIDTH, Reading, drawn
from services.catalog.portal.language import Language
from services.catalog.portal.plain import plain, plain_cell

START = datetime(2026, 8, 1, tzinfo=UTC)


def readings(*values: float) -> list[Reading]:
    return [Reading(START + timedelta(minutes=10 * number), value) for number, value in enumerate(values)]


@pytest.mark.parametrize("values", [(0, 1), (3.5, 3.5), (-1e9, 1e9), (0.001, 0.0011), (99, 101, 99)])
def test_every_reading_lies_within_the_picture_and_between_the_marks(values: tuple[float, ...]) -> None:
    course = drawn(readings(*values))
    assert course is not None
    ys = []
    for point in course.points.split():
        x, y = map(float, point.split(","))
        assert 0 <= x <= WIDTH
        ys.append(y)
    marks = [tick.y for tick in course.ticks]
    assert 0 <= min(marks) <= min(ys)
    assert max(ys) <= max(marks) <= HEIGHT


def test_one_reading_makes_no_line() -> None:
    assert drawn(readings(1)) is None
    assert drawn([]) is None


def test_levels_stand_beside_the_line_unless_they_are_far_away() -> None:
    course = drawn(readings(1, 2), [("氾濫注意水位", 3.5), ("堤防", 90)])
    assert course is not None
    assert [level.text for level in course.levels] == ["氾濫注意水位 3.5"]


def test_of_many_readings_the_peak_is_kept() -> None:
    course = drawn(readings(*(7.25 if number == 4321 else 1 for number in range(10_000))))
    assert course is not None
    assert len(course.readings) <= 240
    assert max(each.value for each in course.readings) == 7.25


@pytest.mark.parametrize(
    ("value", "japanese"),
    [
        ("2026-08-01T00:30:00Z", "2026年8月1日 09:30"),
        ("高松市", "高松市"),
        ({"type": "Point", "coordinates": [134.05, 34.35]}, "34.35, 134.05"),
        ({"type": "Polygon", "coordinates": []}, "Polygon"),
        ({"addressCountry": "JP", "streetAddress": "玉藻町2-1"}, "玉藻町2-1"),
        (["水", "毛布"], "水, 毛布"),
        (True, "はい"),
        (3.50, "3.5"),
        (None, ""),
    ],
)
def test_values_are_written_for_readers(value: object, japanese: str) -> None:
    assert plain(value, Language.JA) == japanese


def test_cells_hold_json_or_plain_text() -> None:
    assert plain_cell('["a", "b"]', Language.EN) == "a, b"
    assert plain_cell("{not json", Language.EN) == "{not json"
    assert plain_cell("0120", Language.EN) == "0120"
    assert plain_cell("true", Language.JA) == "はい"
    assert plain_cell("limited", Language.JA, frozenset({"limited"})) == "△ 一部使える"
    assert plain_cell("limited", Language.JA) == "limited"
