"""The published lists of Japan's local governments, and the check digit of their codes (全国地方公共団体コード)."""

import csv
from collections.abc import Iterator
from importlib.resources import files
from typing import Literal

_WEIGHTS = (6, 5, 4, 3, 2)


def check_digit(digits: str) -> int:
    """Return the sixth digit that belongs to five (総務省, 全国地方公共団体コード仕様): (11 - sum mod 11) mod 10."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return (11 - total % 11) % 10


def published(name: Literal["prefectures", "municipalities"]) -> Iterator[dict[str, str]]:
    """Yield the rows of a list as it was published: the codes of nine prefectures lack their leading zero."""
    file = files("services.kernel.local_governments").joinpath("data", f"{name}.csv")
    with file.open(encoding="utf-8-sig") as rows:
        yield from csv.DictReader(rows)
