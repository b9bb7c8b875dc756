"""What a row says and cannot be read: kept as it was published, so that nothing the file holds is lost.

A date that is none (`毎月第2火曜`) is no `startDate`, but the text `startDateAsPublished`. Opening hours and positions
stand in several cells; they are kept as an object with a member for each that is filled.
"""

from collections.abc import Mapping
from typing import Any

from services.ingest.importing.cells import Cell

_SUFFIX = "AsPublished"
_UNREADABLE = "unreadable-"
_OTHERS = frozenset({"days-without-times", "position-outside"})


def published_name(name: str) -> str:
    """Return the name of the attribute that keeps what could not be read of another."""
    return f"{name}{_SUFFIX}"


def is_unread(cell: Cell) -> bool:
    """Tell whether a cell says something that is not in its value."""
    if cell.value is not None or not cell.rules:
        return False
    return any(rule.startswith(_UNREADABLE) or rule in _OTHERS for rule in cell.rules)


def keep_texts(attributes: dict[str, Any], name: str, texts: Mapping[str, str]) -> None:
    """Keep the texts of the cells of an attribute, by what each of them is: those that are filled."""
    filled = {key: text.strip() for key, text in texts.items() if text.strip()}
    attributes[published_name(name)] = {"type": "Property", "value": filled}


def keep_text(attributes: dict[str, Any], name: str, raw: str) -> None:
    """Keep the text of a cell that could not be read."""
    attributes[published_name(name)] = {"type": "Property", "value": raw.strip()}
