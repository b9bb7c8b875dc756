"""Whole yen that add up: the method of largest remainders, the same result every time."""

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeVar

Name = TypeVar("Name", str, int)


def apportion(yen: int, figures: Mapping[Name, Fraction | int]) -> dict[Name, int]:
    """Divide an amount in proportion to figures of at least 0, one of them more; the parts are whole and add up to it.

    Each gets its exact part without what is behind the point; the yen that are left go one each to the largest
    remainders, among equal ones to the larger figure, then to the first by name. A negative amount is divided as its
    positive one. Raises ValueError.
    """
    total = sum(figures.values(), Fraction(0))
    if total <= 0 or any(figure < 0 for figure in figures.values()):
        raise ValueError("Figures must be at least 0, and one of them more")
    sign = -1 if yen < 0 else 1
    exact = {name: Fraction(abs(yen)) * figure / total for name, figure in figures.items()}
    parts = {name: int(share) for name, share in exact.items()}
    left = abs(yen) - sum(parts.values())
    ranked = sorted(figures, key=lambda name: (parts[name] - exact[name], -figures[name], name))
    for name in ranked[:left]:
        parts[name] += 1
    return {name: sign * part for name, part in parts.items()}
