"""What a row says and cannot be read: kept as it was published, so that nothing the file holds is lost.

A date that is none (`毎月第2火曜`) is no `startDate`, but the text `startDateAsPublished`. Opening hours and positions
stand in several cells; they are kept as an object with a member for each that is filled.
"""

from collections.abc import Mapping
from typing import Any

from services.ingest.importing.cells import Cell
from services.ingest.importing.hours import mentions_holidays

_SUFFIX = "AsPublished"
_UNREADABLE = "unreadable-"
_OTHERS = frozenset({"days-without-times", "position-outside"})


def published_name(name: str) -> str:
    """Return the name of the attribute that keeps what could not be read of another."""
    return f"{name}{_SUFFIX}"


def is_unread(cell: Cell) -> bool:
    """Tell whether a cell says something that is not in its value."""
    return cell.value is None and any(rule.startswith(_UNREADABLE) or rule in _OTHERS for rule in cell.rules)


def keep_text(attributes: dict[str, Any], name: str, raw: str) -> None:
    """Keep the text of a cell that could not be read."""
    attributes[published_name(name)] = {"type": "Property", "value": raw.strip()}


def keep_position(attributes: dict[str, Any], cell: Cell, texts: Mapping[str, str]) -> None:
    """Keep the texts of a position (`latitude`, `longitude`, `both`) where it could not be read."""
    if is_unread(cell):
        _keep(attributes, "location", texts)


def keep_hours(attributes: dict[str, Any], cell: Cell, texts: Mapping[str, str]) -> None:
    """Keep the texts of opening hours (`days`, `opens`, `closes`) that could not be read, or name holidays too."""
    if is_unread(cell) or mentions_holidays(texts["days"]):
        _keep(attributes, "openingHours", texts)


def _keep(attributes: dict[str, Any], name: str, texts: Mapping[str, str]) -> None:
    filled = {key: text.strip() for key, text in texts.items() if text.strip()}
    attributes[published_name(name)] = {"type": "Property", "value": filled}
