"""The entity type of a file that no mapping knows, by its name, its title and its columns."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote

from services.ingest.importing.guess import guesses

_ENDINGS = re.compile(r"(\.(csv|tsv|txt|xlsx|xlsm|xls|ods|zip))+\Z", re.IGNORECASE)
_CODE = re.compile(r"\A[0-9]{5,6}[_\-]")
_DATE = re.compile(
    r"[_\-]?((令和|平成|[rh])[0-9]{1,2}年?度?|[0-9]{4,14}(年度?)?|[0-9]{1,2}月?)(?=[_\-]|\Z)", re.IGNORECASE
)
_FORBIDDEN = re.compile(r"[\s<>\"'=;(){}\[\],|\\^`/#?&%*+!$~:.・、。「」【】\x00-\x1f]+")
_WORDS = re.compile(r"[A-Za-z0-9]+")
_GENERAL = frozenset(
    {"data", "list", "download", "file", "csv", "sheet1", "一覧", "データ", "export", "resource", "test"}
)
_LONGEST = 60


def name_type(file_name: str, title: str, columns: Sequence[str]) -> str | None:
    """Return a type for a file's rows; none where nothing tells."""
    stem = stem_of(file_name)
    for text in (file_name, title):
        if found := _of_words(text):
            return found
    for name, words in guesses()["type_columns"]:
        if set(words) & set(columns):
            return str(name)
    return _as_type(stem) or _as_type(title)


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
    cleaned = _FORBIDDEN.sub("_", text).strip("_-")[:_LONGEST]
    if not cleaned or cleaned.lower() in _GENERAL or cleaned.isdecimal():
        return None
    if cleaned.isascii():
        return "".join(word[:1].upper() + word[1:] for word in _WORDS.findall(cleaned)) or None
    return cleaned
