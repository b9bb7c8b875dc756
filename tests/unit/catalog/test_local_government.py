"""Codes of local governments: check digits and what is put right."""

import csv
from pathlib import Path

import pytest

from services.catalog.domain.local_government import check_digit, is_code, repair
from services.kernel.errors import BadData

MUNICIPALITIES = Path(__file__).parents[3] / "services/kernel/local_governments/data/municipalities.csv"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("372013", "372013"),
        ("37201", "372013"),
        ("３７２０１", "372013"),
        (" 372013 ", "372013"),
        ("372013.0", "372013"),
        ("13101", "131016"),
        ("92011", "092011"),
        ("9201", "092011"),
        ("10006", "010006"),
    ],
)
def test_a_code_is_completed(written: str, code: str) -> None:
    assert repair(written) == code


@pytest.mark.parametrize("written", ["372014", "99999", "48201", "高松市", "", "3720130", "3.7E+05"])
def test_what_is_no_code_is_refused_with_its_field(written: str) -> None:
    with pytest.raises(BadData) as refused:
        repair(written)
    assert refused.value.field == "code"


def test_a_wrong_check_digit_is_named() -> None:
    with pytest.raises(BadData, match="3 belongs there"):
        repair("372014")


def test_two_readings_are_told_apart_by_the_prefecture() -> None:
    assert repair("12106", "北海道") == "012106"
    assert repair("12106", "千葉県") == "121061"
    with pytest.raises(BadData, match="may mean 121061 or 012106"):
        repair("12106")


def test_every_municipality_is_known_again_without_check_digit_and_without_leading_zero() -> None:
    with MUNICIPALITIES.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 1700
    for row in rows:
        code = row["lgcode"]
        assert is_code(code)
        assert check_digit(code[:5]) == code[5]
        assert repair(code[:5], row["pref"]) == code
        assert repair(code.lstrip("0"), row["pref"]) == code
