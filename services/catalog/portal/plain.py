"""Values as readers want them: objects without their names, instants as in Japan, numbers without needless digits."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from services.catalog.domain.value_label import value_label
from services.catalog.portal import words
from services.catalog.portal.language import Language

_UNSAID: Final = ("addressCountry", "type")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})\Z")
_YES: Final[Mapping[bool, tuple[str, str]]] = {True: ("はい", "yes"), False: ("いいえ", "no")}


def plain(value: Any, language: Language) -> str:
    """Write a value: an instant as in Japan, a list with commas, what an object holds without the country."""
    match value:
        case dict():
            return _object(value, language)
        case list():
            return ", ".join(plain(each, language) for each in value)
        case str():
            return words.moment(value, language) if _INSTANT.match(value) else value
        case bool():
            return language(*_YES[value])
        case int() | float():
            return plain_number(value)
        case _:
            return ""


def _object(value: Mapping[str, Any], language: Language) -> str:
    """Write an object: a point as latitude and longitude, another geometry as its kind."""
    match value:
        case {"type": "Point", "coordinates": [longitude, latitude, *_]}:
            return f"{latitude}, {longitude}"
        case {"type": str(kind), "coordinates": _}:
            return kind
        case {"@value": inner}:
            return plain(inner, language)
        case _:
            return " ".join(plain(each, language) for name, each in value.items() if name not in _UNSAID)


def plain_number(number: float) -> str:
    """Write a number as it was given."""
    return f"{number:.15g}"


def plain_cell(cell: str, language: Language, listed: frozenset[str] = frozenset()) -> str:
    """Write a cell of a table whose structured values and booleans are JSON; values that a model lists in its words."""
    if cell in listed:
        return value_label(cell, language.value)
    if cell in ("true", "false"):
        return language(*_YES[cell == "true"])
    if cell[:1] not in ("{", "["):
        return plain(cell, language)
    try:
        return plain(json.loads(cell), language)
    except ValueError:
        return cell
