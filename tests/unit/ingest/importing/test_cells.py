"""Cells as they are published, and the rules that repair them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.importing.cells import (
    Cell,
    read_flag,
    read_grade,
    read_list,
    read_telephone,
    read_text,
    read_url,
)
from services.ingest.importing.codes import read_municipality_code
from services.ingest.importing.dates import read_date, read_moment
from services.ingest.importing.hours import days_in_japanese, read_days, read_opening_hours, read_time
from services.ingest.importing.numbers import read_number
from services.ingest.importing.position import read_pair, read_position
from services.ingest.importing.readers import READERS
from services.ingest.importing.words import RULES


def cell(value: object, *rules: str) -> Cell:
    return Cell(value, rules)


@pytest.mark.parametrize(
    ("read", "raw", "expected"),
    [
        (read_text, "高松市", cell("高松市")),
        (read_text, "高松市\u3000\n", cell("高松市", "trimmed")),
        (read_text, "  ", cell(None)),
        (read_text, "−", cell(None, "dash-as-empty")),
        (read_number, "238", cell(238)),
        (read_number, "1.7", cell(1.7)),
        (read_number, "", cell(None)),
        (read_number, "１，５００", cell(1500, "full-width", "thousands-separator")),
        (read_number, "−1.5", cell(-1.5, "full-width")),
        (read_number, "約500人", Cell(500, ("number-in-text",), "約500人")),
        (read_number, "△1,200", cell(-1200, "triangle-as-minus", "thousands-separator")),
        (read_number, "…", cell(None, "symbol-as-empty")),
        (read_number, "2E+3", cell(2000.0)),
        (read_date, "2023-04-01", cell("2023-04-01")),
        (read_date, "2023/4/1(土)", cell("2023-04-01", "date-format")),
        (read_date, "4/1/2023", cell("2023-04-01", "date-format")),
        (read_date, "13/1/2023", cell(None, "unreadable-date")),
        (read_date, "20230401", cell("2023-04-01", "date-format")),
        (read_date, "令和５年４月１日", cell("2023-04-01", "full-width", "japanese-era")),
        (read_date, "H31.4.30", cell("2019-04-30", "japanese-era")),
        (read_date, "平成元年", cell("1989", "japanese-era")),
        (read_date, "昭和50年3月", cell("1975-03", "japanese-era")),
        (read_date, "45017", cell("2023-04-01", "serial-date")),
        (read_date, "2023-02-30", cell(None, "unreadable-date")),
        (read_date, "昭和五十年三月三十一日", cell("1975-03-31", "japanese-era")),
        (read_date, "明治二十年十月十日付", cell("1887-10-10", "japanese-era")),
        (read_date, "春ごろ", cell(None, "unreadable-date")),
        (read_moment, "2023/4/1 9:05", cell("2023-04-01T00:05:00Z", "date-format")),
        (read_moment, "2023-04-01T00:00:01Z", cell("2023-04-01T00:00:01Z")),
        (read_moment, "2023-04-01T09:00:01.5+09:00", cell("2023-04-01T00:00:01Z")),
        (read_moment, "2023-04-01 24:00", cell("2023-04-01T15:00:00Z")),
        (read_moment, "0001-01-01 08:00", cell(None, "unreadable-date")),
        (read_moment, "2023-04", cell("2023-04")),
        (read_moment, "2023-04 09:00", cell(None, "unreadable-date")),
        (read_telephone, "087-839-2011", cell("087-839-2011")),
        (read_telephone, "878392011", cell("0878392011", "leading-zero")),
        (read_telephone, "９０１２３４５６７８", cell("09012345678", "full-width", "leading-zero")),
        (read_telephone, "110", cell("110")),
        (read_time, "17:00※", cell("17:00", "footnote-mark")),
        (read_time, "午後5時30分", cell("17:30", "time-format")),
        (read_time, "0.375", cell("09:00", "time-format")),
        (read_time, "24:00", cell("24:00")),
        (read_time, "正午", cell("12:00", "time-format")),
        (read_time, "〜15：00", cell("15:00", "time-format")),
        (read_time, "25:00", cell(None, "unreadable-time")),
        (read_list, "内科;外科", cell(["内科", "外科"])),
        (read_list, "内科、小児科", cell(["内科", "小児科"])),
        (read_list, "", cell(None)),
        (read_number, "100人、車椅子5人", cell(None, "unreadable-number")),
        (read_number, "約1.2万人", Cell(12000, ("number-in-text",), "約1.2万人")),
        (read_number, "多数", cell(None, "unreadable-number")),
        (read_flag, "○", cell(True)),
        (read_flag, "◯", cell(True)),
        (read_flag, "有", cell(True)),
        (read_flag, "×", cell(False)),
        (read_flag, "否", cell(False)),
        (read_flag, "0", cell(False)),
        (read_flag, "１", cell(True)),
        (read_flag, "", cell(None)),
        (read_flag, "要確認", cell(None, "unreadable-flag")),
        (read_grade, "○", cell("available")),
        (read_grade, "△", cell("limited")),
        (read_grade, "×", cell("unavailable")),
        (read_grade, "−", cell("notApplicable")),
        (read_grade, "", cell(None)),
        (read_url, "https://example.jp/a", cell("https://example.jp/a")),
        (read_url, "www.example.jp/a", cell("https://www.example.jp/a", "no-scheme")),
        (read_url, "photo.jpg", cell(None, "unreadable-url")),
        (read_url, "なし", cell(None, "symbol-as-empty")),
        (read_url, "市役所へ", cell(None, "unreadable-url")),
        (read_municipality_code, "372013", cell("372013")),
        (read_municipality_code, "37201", cell("372013", "check-digit")),
        (read_municipality_code, "92011", cell("092011", "check-digit")),
        (read_municipality_code, "13101", cell("131016", "check-digit")),
        (read_municipality_code, "012025", cell("012025")),
        (read_municipality_code, "372014", cell(None, "unreadable-code")),
        (read_municipality_code, "３７２０１３", cell("372013", "full-width")),
    ],
)
def test_a_cell_is_read_and_its_repairs_are_named(read: Callable[[str], Cell], raw: str, expected: Cell) -> None:
    assert read(raw) == expected


@pytest.mark.parametrize(
    ("days", "opens", "closes", "expected"),
    [
        ("月火水木金土日", "07:30", "22:00", cell("Mo-Su 07:30-22:00")),
        ("月水木金土日", "00:00", "24:00", cell("Mo,We,Th,Fr,Sa,Su 00:00-24:00")),
        ("平日", "9:00", "17:00", cell("Mo-Fr 09:00-17:00", "time-format")),
        ("月火", "08:00", "1700", cell("Mo,Tu 08:00-17:00", "time-format")),
        ("", "09:00:00", "17:00:00", cell("09:00-17:00", "time-format")),
        ("不定休", "09:00", "17:00", cell(None, "unreadable-days")),
        ("土日祝除く", "09:00", "17:00", cell("Mo-Fr 09:00-17:00")),
        ("月〜金(祝日を除く)", "09:00", "17:00", cell("Mo-Fr 09:00-17:00")),
        ("月火水木金土日祝", "9:00〜17:00", "", cell("Mo-Su 09:00-17:00", "time-format")),
        ("日祝除く", "09:00", "17:00", cell(None, "unreadable-days")),
        ("月火", "", "", cell(None, "days-without-times")),
        ("", "", "", cell(None)),
        ("月火", "09:00", "", cell(None, "unreadable-time")),
        ("月火", "朝", "17:00", cell(None, "unreadable-time")),
        ("月火", "09:00", "25:00", cell(None, "unreadable-time")),
        ("月〜金", "09:00", "17:00", cell("Mo-Fr 09:00-17:00")),
        ("月曜日・水曜日", "09:00", "17:00", cell("Mo,We 09:00-17:00")),
        ("毎日", "終日", "", cell("Mo-Su 00:00-24:00", "all-day")),
    ],
)
def test_opening_hours_are_written_as_schema_org_does(days: str, opens: str, closes: str, expected: Cell) -> None:
    assert read_opening_hours(days, opens, closes) == expected


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        ("34.34", "134.05", ([134.05, 34.34],)),
        ("134.05", "34.34", ([134.05, 34.34], "swapped-position")),
        ("３４．３４", "１３４．０５", ([134.05, 34.34], "full-width")),
        ("34.34 ", "134.05", ([134.05, 34.34], "trimmed")),
        ("", "", (None, "no-position")),
        ("34.34", "", (None, "unreadable-position")),
        ("0", "0", (None, "zero-position")),
        ("51.5", "-0.1", (None, "position-outside")),
        ("役所の裏", "134.05", (None, "unreadable-position")),
        ("34度20分24秒", "134度3分0秒", ([134.05, 34.34], "sexagesimal-position")),
        ("34°20′24″", "134°03′00″", ([134.05, 34.34], "full-width", "sexagesimal-position")),
        ("34º20'24\"N", "134゜3'0\"E", ([134.05, 34.34], "full-width", "sexagesimal-position")),
        ("34.20.24", "134.3.0", ([134.05, 34.34], "sexagesimal-position")),
        ("342024", "1340300", ([134.05, 34.34], "sexagesimal-position")),
        ("N34.34", "E134.05", ([134.05, 34.34],)),
    ],
)
def test_a_position_is_read_or_left_out_with_the_reason(
    latitude: str, longitude: str, expected: tuple[object, ...]
) -> None:
    coordinates, *rules = expected
    point = {"type": "Point", "coordinates": coordinates} if coordinates else None
    assert read_position(latitude, longitude) == Cell(point, tuple(str(rule) for rule in rules))


def test_coordinates_of_the_tokyo_datum_are_converted() -> None:
    found = read_position("35.65486522", "139.74458389", "tokyo")
    assert isinstance(found.value, dict)
    assert found.value["coordinates"] == pytest.approx([139.74135442, 35.65809922], abs=0.00005)
    assert found.rules == ("tokyo-datum",)


@pytest.mark.parametrize("raw", ["34.34,134.05", "(134.05, 34.34)", "POINT(134.05 34.34)", "34.34、134.05"])
def test_one_cell_may_hold_both_coordinates(raw: str) -> None:
    found = read_pair(raw)
    assert isinstance(found.value, dict)
    assert found.value["coordinates"] == [134.05, 34.34]


@pytest.mark.parametrize("days", ["月火水木金土日", "月水金", "月火", "土日", "木"])
def test_days_come_back_as_the_data_sets_write_them(days: str) -> None:
    assert days_in_japanese(read_days(days)) == days


@given(st.text(), st.sampled_from(sorted(READERS)))
def test_no_cell_makes_a_reader_fail_and_every_rule_is_described(raw: str, kind: str) -> None:
    assert set(READERS[kind](raw).rules) <= set(RULES)


@given(st.text(), st.text(), st.text())
def test_no_cells_make_positions_and_opening_hours_fail(first: str, second: str, third: str) -> None:
    rules = (*read_position(first, second).rules, *read_opening_hours(first, second, third).rules)
    assert set(rules) <= set(RULES)
