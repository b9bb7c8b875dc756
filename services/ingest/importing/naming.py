"""The entity type of a file that no mapping knows, by its name, its title and its columns."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote

from services.ingest.importing.hints import common_prefix, guesses

_ENDINGS = re.compile(r"(\.(csv|tsv|txt|xlsx|xlsm|xlsb|xls|ods|zip|json|geojson|bkp))+\Z", re.IGNORECASE)
_CODE = re.compile(r"\A[0-9]{5,6}[_\-]")
_DATE = re.compile(
    r"[_\-]?\(?("
    r"(令和|平成|昭和|[rhs])(元|[0-9]{1,2})(年度?|[年.][0-9]{1,2}([月.]([0-9]{1,2}日?)?)?)?"
    r"|[0-9]{4,14}(年度?|年[0-9]{1,2}月([0-9]{1,2}日)?)?"
    r"|[0-9]{1,2}月?"
    r")(現在|時点|版|末)?\)?(?=[_\-]|\Z)",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(r"[\s<>\"'=;(){}\[\],|\\^`/#?&%*+!$~:.・、。「」【】\x00-\x1f]+")
_WORDS = re.compile(r"[A-Za-z0-9]+")
_GENERAL = frozenset(
    {"data", "date", "dataset", "opendata", "list", "table", "file", "csv", "sheet1", "download", "upload"}
) | {
    "import",
    "export",
    "output",
    "resource",
    "sample",
    "test",
    "target",
    "center",
    "description",
    "一覧",
    "データ",
    "オープンデータ",
}
_FIRST_DIGITS = re.compile(r"[0-9][0-9_\-]*")
_LEAST_LETTERS = 2
_ENOUGH = 0.6
_LONGEST_TITLE = 60
_NUMBERED = re.compile(r"[_\- ]?\(?[0-9]{1,8}\)?\Z")
_LONGEST = 60
_STATISTICS = frozenset({"PopulationStatistics"})
_ONE_OF_ITS_KIND = re.compile(
    r"(人口|世帯数?|統計|情報|一覧|データ|及び|[・_\-との]|population|statistics)+", re.IGNORECASE
)
"""Names of files that a city has but one of: what else is in a name (年齢別, 外国人) tells its statistics apart."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What a file says about its rows: its name, the title above the table, the sheet, columns, the rows' names."""

    file_name: str = ""
    title: str = ""
    sheet: str = ""
    columns: Sequence[str] = ()
    names: Sequence[str] = ()


def name_type(hints: Hints) -> str | None:
    """Return a type for a file's rows; none where nothing tells."""
    if of_its_own := _among_statistics(stem_of(hints.file_name)):
        return of_its_own
    title = hints.title if len(hints.title) <= _LONGEST_TITLE else ""
    for text in (hints.file_name, title, hints.sheet, common_prefix(hints.columns)):
        if found := _of_words(text):
            return found
    for name, words in guesses()["type_columns"]:
        if set(words) & set(hints.columns):
            return str(name)
    return _of_names(hints.names) or _as_type(stem_of(hints.file_name)) or _as_type(title)


def _among_statistics(stem: str) -> str | None:
    """Return the type of one of several statistics whose rows are named alike (by year, by town): its own."""
    if _of_words(stem) not in _STATISTICS or _ONE_OF_ITS_KIND.fullmatch(stem):
        return None
    return _as_type(stem)


def _of_names(names: Sequence[str]) -> str | None:
    """Return the type that most of the rows' names speak of, as `…小学校` do of a school."""
    found = [kind for name in names if (kind := _of_words(name))]
    best = max(dict.fromkeys(found), key=found.count, default=None)
    return best if best and found.count(best) >= _ENOUGH * len(names) else None


def stem_of(file_name: str) -> str:
    """Return what a file's name says apart from endings, codes of municipalities and dates."""
    name = unicodedata.normalize("NFKC", PurePosixPath(unquote(file_name).replace("\\", "/")).name)
    stem = _CODE.sub("", _ENDINGS.sub("", name))
    former = ""
    while former != stem:
        former, stem = stem, _DATE.sub("", stem).strip("_- ")
    return stem


def _of_words(text: str) -> str | None:
    folded = unicodedata.normalize("NFKC", unquote(text)).lower()
    return next((str(name) for name, words in guesses()["types"] if any(word in folded for word in words)), None)


def _as_type(text: str) -> str | None:
    """Write a text as a type: no digit stands first, since NGSI-LD allows none there."""
    cleaned = _FORBIDDEN.sub("_", text).strip("_-")[:_LONGEST]
    digits = _FIRST_DIGITS.match(cleaned)
    number, words = (digits[0].strip("_-"), cleaned[digits.end() :]) if digits else ("", cleaned)
    if _NUMBERED.sub("", words).lower() in _GENERAL or sum(letter.isalpha() for letter in words) < _LEAST_LETTERS:
        return None
    if not words.isascii():
        return words + number
    return "".join(word[:1].upper() + word[1:] for word in _WORDS.findall(words)) + number.replace("_", "")
