"""Local governments of Japan: the 全国地方公共団体コード and the built-in list of who has which."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from services.kernel.errors import BadData
from services.kernel.local_governments import check_digit, published
from services.kernel.paging import Page

Kind = Literal["prefecture", "municipality"]
_CODE = re.compile(r"[0-9]{6}\Z")
_PREFECTURES = 47


def read_code(text: str) -> str:
    """Hold a six-digit code against the rule of its check digit and return it. Raises BadData."""
    if not _CODE.match(text):
        raise BadData(f"code must be six digits (全国地方公共団体コード), not '{text}'", field="code")
    if not 1 <= int(text[:2]) <= _PREFECTURES:
        raise BadData(f"code {text} begins with {text[:2]}, which is no prefecture", field="code")
    if int(text[5]) != check_digit(text[:5]):
        expected = f"{text[:5]}{check_digit(text[:5])}"
        raise BadData(f"code {text} has a wrong check digit: {expected} is meant if the others are right", field="code")
    return text


def kind_of_code(code: str) -> Kind:
    """Tell whether a code is a prefecture's: its third to fifth digits are zeros."""
    return "prefecture" if code[2:5] == "000" else "municipality"


@dataclass(frozen=True, slots=True)
class LocalGovernment:
    """A prefecture, a municipality, or a ward of a designated city; `title_en` is known for prefectures only."""

    code: str
    kind: Kind
    title: str
    kana: str
    prefecture: str
    prefecture_code: str
    latitude: float
    longitude: float
    title_en: str | None = None

    @property
    def searchable(self) -> str:
        """The names under which it is found, folded, one a line."""
        names = (self.prefecture + self.title, self.kana, self.title_en or "")
        return "\n".join(fold(name) for name in names)


class Gazetteer:
    """The built-in list, by code and searchable."""

    def __init__(self, known: Iterable[LocalGovernment]) -> None:
        self._by_code: Mapping[str, LocalGovernment] = {each.code: each for each in known}
        self._searchable = {code: each.searchable for code, each in self._by_code.items()}

    def __len__(self) -> int:
        return len(self._by_code)

    def __iter__(self) -> Iterator[LocalGovernment]:
        return iter(self._by_code.values())

    def find(self, code: str | None) -> LocalGovernment | None:
        """Return who has a code, or None: associations have codes that the list does not hold."""
        return None if code is None else self._by_code.get(code)

    def search(self, code: str | None, words: str, page: Page) -> tuple[list[LocalGovernment], int]:
        """Return one page of those whose code begins with `code` and whose name holds `words`, and how many there are.

        Full-width forms, spaces, katakana and letter case make no difference.
        """
        folded = fold(words)
        prefix = code or ""
        found = [each for each in self if each.code.startswith(prefix) and folded in self._searchable[each.code]]
        return found[page.offset : page.offset + page.limit], len(found)


def fold(text: str) -> str:
    """Make names comparable: NFKC, lower case, hiragana for katakana, no spaces."""
    plain = "".join(unicodedata.normalize("NFKC", text).lower().split())
    return "".join(chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign for sign in plain)


@cache
def load_gazetteer() -> Gazetteer:
    """Read the list that comes with the package, once."""
    prefectures = [_prefecture(row) for row in published("prefectures")]
    codes = {each.title: each.code for each in prefectures}
    municipalities = [_municipality(row, codes) for row in published("municipalities")]
    return Gazetteer(sorted((*prefectures, *municipalities), key=lambda each: each.code))


def _prefecture(row: Mapping[str, str]) -> LocalGovernment:
    code = read_code(row["lgcode"].zfill(6))  # the published list has lost leading zeros
    return LocalGovernment(
        code=code,
        kind="prefecture",
        title=row["pref"],
        kana=row["prefkana"],
        prefecture=row["pref"],
        prefecture_code=code,
        latitude=float(row["lat"]),
        longitude=float(row["lng"]),
        title_en=row["pref_en"],
    )


def _municipality(row: Mapping[str, str], prefecture_codes: Mapping[str, str]) -> LocalGovernment:
    return LocalGovernment(
        code=read_code(row["lgcode"]),
        kind="municipality",
        title=row["city"].replace(" ", ""),
        kana=row["citykana"].replace(" ", ""),
        prefecture=row["pref"],
        prefecture_code=prefecture_codes[row["pref"]],
        latitude=float(row["lat"]),
        longitude=float(row["lng"]),
    )
