"""Whole yen add up, stay within one yen of the exact part, and come out the same every time."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.auth.billing.apportion import apportion

NAMES = st.text("abcdefgh", min_size=1, max_size=3)
WHOLE = st.integers(0, 10**9)
BROKEN = st.fractions(0, 1000, max_denominator=997)
FIGURES = st.dictionaries(NAMES, WHOLE | BROKEN, min_size=1, max_size=12).filter(lambda each: any(each.values()))
YEN = st.integers(-(10**12), 10**12)


@settings(max_examples=50, deadline=None)
@given(yen=YEN, figures=FIGURES)
def test_parts_add_up_and_each_is_within_one_yen_of_its_exact_part(yen: int, figures: dict[str, Fraction]) -> None:
    parts = apportion(yen, figures)
    total = sum(figures.values(), Fraction(0))
    assert sum(parts.values()) == yen
    assert parts.keys() == figures.keys()
    for name, part in parts.items():
        assert abs(part - Fraction(yen) * figures[name] / total) < 1


@settings(max_examples=50, deadline=None)
@given(yen=YEN, figures=FIGURES, chance=st.randoms(use_true_random=False))
def test_the_order_in_which_they_are_named_changes_nothing(
    yen: int, figures: dict[str, Fraction], chance: random.Random
) -> None:
    shuffled = list(figures.items())
    chance.shuffle(shuffled)
    assert apportion(yen, dict(shuffled)) == apportion(yen, figures)


@settings(max_examples=50, deadline=None)
@given(yen=st.integers(0, 10**12), figures=FIGURES)
def test_who_has_the_larger_figure_pays_no_less(yen: int, figures: dict[str, Fraction]) -> None:
    parts = apportion(yen, figures)
    ranked = sorted(figures, key=lambda name: figures[name])
    for less, more in pairwise(ranked):
        assert parts[less] <= parts[more] or figures[less] == figures[more]


@settings(max_examples=50, deadline=None)
@given(yen=YEN, figures=FIGURES)
def test_a_credit_is_divided_as_the_charge_was(yen: int, figures: dict[str, Fraction]) -> None:
    assert apportion(-yen, figures) == {name: -part for name, part in apportion(yen, figures).items()}


def test_yen_that_are_left_go_to_the_largest_remainders_then_figures_then_names() -> None:
    assert apportion(10, {"a": 1, "b": 1, "c": 1}) == {"a": 4, "b": 3, "c": 3}
    assert apportion(10, {"c": 1, "b": 2, "a": 3}) == {"a": 5, "b": 3, "c": 2}


@pytest.mark.parametrize("figures", [{}, {"a": 0}, {"a": -1, "b": 3}])
def test_without_figures_nothing_can_be_divided(figures: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="Figures"):
        apportion(100, figures)
