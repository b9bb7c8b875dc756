"""Where and when a search is bound to, as the fields of its form say it."""

from datetime import UTC, datetime

import pytest
from starlette.datastructures import QueryParams

from services.catalog.domain.query import AnyOf, Between, During, Field, Intersects, Is, Moment
from services.catalog.portal.bounds import Bounds, Fault, codes_of
from services.catalog.portal.results import Question


def test_a_municipality_is_known_by_name_reading_english_name_and_code() -> None:
    assert codes_of("高松市") == codes_of("香川県高松市") == codes_of("372013") == ("372013",)
    assert codes_of("香川県") == ("370002",)
    assert len(codes_of("府中市")) == 2
    assert codes_of("372014") == codes_of("") == ()


def test_a_prefecture_stands_for_its_municipalities() -> None:
    bounds = Bounds.of(QueryParams({"place": "香川県"}))
    assert bounds.conditions() == [AnyOf((Is(Field.SPATIAL, "37", is_prefix=True),))]


def test_days_of_changes_are_those_of_japan() -> None:
    bounds = Bounds.of(QueryParams({"dates": "changed", "from": "2026-04-01", "to": "2026-04-01"}))
    [condition] = bounds.conditions()
    assert isinstance(condition, Between)
    assert condition.moment is Moment.MODIFIED
    assert condition.start == datetime(2026, 3, 31, 15, tzinfo=UTC)
    assert condition.end == datetime(2026, 4, 1, 14, 59, 59, 999_999, tzinfo=UTC)


def test_an_open_end_and_the_ends_of_the_calendar_bind_nothing() -> None:
    assert Bounds.of(QueryParams({"to": "9999-12-31"})).conditions() == []
    [condition] = Bounds.of(QueryParams({"from": "2026-04-01", "to": "9999-12-31"})).conditions()
    assert condition == During(datetime(2026, 4, 1, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"place": "へいわ市"}, {"place": Fault.UNKNOWN_PLACE}),
        ({"west": "134"}, {"west": Fault.NOT_A_BOX}),
        ({"west": "134", "south": "35", "east": "135", "north": "34"}, {"west": Fault.NOT_A_BOX}),
        ({"west": "nan", "south": "34", "east": "135", "north": "35"}, {"west": Fault.NOT_A_BOX}),
        ({"from": "2026-02-30", "to": "きのう"}, {"from": Fault.NOT_A_DAY, "to": Fault.NOT_A_DAY}),
        ({"from": "2026-04-02", "to": "2026-04-01"}, {"to": Fault.REVERSED}),
    ],
)
def test_what_cannot_be_read_is_a_fault_and_binds_nothing(fields: dict[str, str], faults: dict[str, Fault]) -> None:
    bounds = Bounds.of(QueryParams(fields))
    assert bounds.faults == faults
    assert bounds.conditions() == []
    assert dict(bounds.pairs) == fields


def test_each_bound_can_be_taken_back_by_itself() -> None:
    given = "q=公園&place=高松市&west=134&south=34&east=135&north=35"
    question = Question.of(QueryParams(given))
    assert Intersects((134.0, 34.0, 135.0, 35.0)) in question.bounds.conditions()
    assert "place" not in question.unbound("place")
    assert "west=134" in question.unbound("place")
    assert question.widest == "/search?q=%E5%85%AC%E5%9C%92"
