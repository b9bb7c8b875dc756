"""Paging parameters."""

import pytest

from services.kernel.errors import InvalidRequest
from services.kernel.paging import Page, read_page, read_whole_number


def test_without_parameters_the_first_twenty_are_asked_for() -> None:
    assert read_page(None, None, count=False) == Page(20, 0, count=False)


def test_limit_and_offset_are_read() -> None:
    assert read_page("1000", "7", count=True) == Page(1000, 7, count=True)


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.5", "1e3", " 1", "１", "²", "x"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read_whole_number(text, "limit")
    assert refusal.value.field == "limit"


@pytest.mark.parametrize("limit", ["0", "1001", "99999999999999999999"])
def test_a_limit_out_of_range_is_refused(limit: str) -> None:
    with pytest.raises(InvalidRequest, match="limit must be from 1 to 1000"):
        read_page(limit, None, count=False)


def test_a_limit_of_nothing_is_possible_where_it_is_allowed() -> None:
    assert read_page("0", None, count=True, minimum_limit=0) == Page(0, 0, count=True)


def test_an_offset_beyond_what_the_database_can_count_is_refused() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read_page(None, str(2**64), count=False)
    assert refusal.value.field == "offset"
