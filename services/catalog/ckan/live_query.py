"""`datastore_search` in the context broker's words: a query `q` and an order for entities of one type."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping

from services.catalog.ckan.errors import ParameterError
from services.catalog.ckan.row_request import ROW_ID, RowRequest

MEMBERS = ("id", "type")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
_FULL_WIDTH = 0xFEE0
_PARTS = {"address": ("streetAddress", "addressLocality", "addressRegion")}
"""Members of objects that are searched as well: those of a postal address as data models have it."""
_MOST_WORDS = 20
_MOST_TERMS = 200


def parameters_of(asked: RowRequest, attributes: Mapping[str, str]) -> dict[str, str]:
    """Return `q`, `id` and `orderBy` for a request. `attributes` are the names that can be asked about, with types.

    Raises ParameterError.
    """
    terms = [
        *(_equals(name, values, attributes) for name, values in asked.equal.items() if name not in MEMBERS),
        *(_has_in(name, word, attributes) for name, words in asked.words_in.items() for word in words),
        *(_has_anywhere(word, attributes) for word in asked.words),
    ]
    if len(asked.words) > _MOST_WORDS or len(asked.words) * len(attributes) > _MOST_TERMS:
        raise ParameterError({"q": ["has too many words for so many attributes: give words by column"]})
    return {
        **({"q": ";".join(terms)} if terms else {}),
        **({"id": ",".join(_identifiers(asked.equal["id"]))} if "id" in asked.equal else {}),
        **({"orderBy": ",".join(_order(asked.sort, attributes))} if asked.sort else {}),
    }


def _equals(name: str, values: Iterable[object], attributes: Collection[str]) -> str:
    _check(name, attributes, "filters")
    return f"{name}=={','.join(map(_literal, values))}"


def _has_in(name: str, word: str, attributes: Mapping[str, str]) -> str:
    _check(name, attributes, "q")
    return _has(name, word, attributes[name])


def _has_anywhere(word: str, attributes: Mapping[str, str]) -> str:
    terms = [_has(name, word, kind) for name, kind in attributes.items()]
    if not terms:
        raise ParameterError({"q": ["the entities have no attributes to be searched"]})
    return f"({'|'.join(terms)})"


def _has(name: str, word: str, kind: str) -> str:
    """Say that an attribute's text contains a word, or that its number is the word."""
    pattern = f'{name}~="{_pattern(word)}"'
    if kind == "json" and name in _PARTS:
        return f"({'|'.join([pattern, *(pattern.replace(name, f'{name}[{part}]', 1) for part in _PARTS[name])])})"
    if kind == "text" or not _NUMBER.fullmatch(word):
        return pattern
    return f"{name}=={word}" if kind == "numeric" else f"({pattern}|{name}=={word})"


def _pattern(word: str) -> str:
    """Return a pattern for a word in any case and width."""
    return "".join(map(_any_form, unicodedata.normalize("NFKC", word)))


def _any_form(sign: str) -> str:
    forms = {sign, *(each for each in (sign.lower(), sign.upper()) if len(each) == 1)}
    forms |= {chr(ord(each) + _FULL_WIDTH) for each in forms if "!" <= each <= "~"}
    written = "".join(_escaped(each) for each in sorted(forms))
    return f"[{written}]" if len(forms) > 1 else written


def _escaped(sign: str) -> str:
    if sign == '"':
        raise ParameterError({"q": ["words hold no quotation marks"]})
    return sign if sign.isalnum() or ord(sign) > 127 else f"\\{sign}"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value}"
    if not isinstance(value, str) or '"' in value or "\\" in value:
        raise ParameterError({"filters": ["a value must be a text without quotation marks, a number or a truth value"]})
    return f'"{value}"'


def _identifiers(values: Iterable[object]) -> list[str]:
    found = [str(each) for each in values]
    if any("," in each or ":" not in each for each in found):
        raise ParameterError({"filters": ["'id' must be a URI"]})
    return found


def _order(sort: Iterable[tuple[str, bool]], attributes: Collection[str]) -> list[str]:
    found = []
    for name, is_descending in sort:
        if name not in (*MEMBERS, ROW_ID):
            _check(name, attributes, "sort")
        found.append(f"{'createdAt' if name == ROW_ID else name};{'desc' if is_descending else 'asc'}")
    return found


def _check(name: str, attributes: Collection[str], parameter: str) -> None:
    if name not in attributes or not name.isidentifier():
        raise ParameterError({parameter: [f"field '{name}' does not exist"]})
