"""`Accept`: which media type an answer has (Orion API, MIME Types; RFC 9110, 12.5.1)."""

from typing import Any, Final

from services.broker.ngsiv2.errors import NotAcceptable
from services.kernel.errors import InvalidRequest

JSON: Final = "application/json"
TEXT: Final = "text/plain"
_ANY: Final = "*/*"


def check_accepts_json(accept: str) -> None:
    """Refuse a client that does not take JSON. Raises NotAcceptable, InvalidRequest."""
    if {_ANY, "application/*", JSON}.isdisjoint(accepted(accept)):
        raise NotAcceptable(f"acceptable MIME types: {JSON}")


def check_accepts_value(accept: str) -> None:
    """Refuse a client that takes neither JSON nor plain text. Raises NotAcceptable, InvalidRequest."""
    if {_ANY, "application/*", JSON, "text/*", TEXT}.isdisjoint(accepted(accept)):
        raise NotAcceptable(f"acceptable MIME types: {JSON}, {TEXT}")


def media_type_of(value: Any, accept: str | None) -> str:
    """Return the media type of an attribute's value: objects and lists as JSON or text, all else as text.

    Raises NotAcceptable, InvalidRequest.
    """
    is_document = isinstance(value, dict | list)
    for wanted in accepted(accept or _ANY):
        if wanted == _ANY:
            return JSON if is_document else TEXT
        if wanted in (TEXT, "text/*"):
            return TEXT
        if is_document and wanted in (JSON, "application/*"):
            return JSON
    raise NotAcceptable(f"accepted MIME types: {JSON + ', ' if is_document else ''}{TEXT}")


def accepted(accept: str) -> list[str]:
    """Return the media ranges of an `Accept` header, the most wanted first. Raises InvalidRequest."""
    ranges = [_weighed(part) for part in accept.split(",") if part.strip()]
    return [name for name, weight in sorted(ranges, key=lambda each: -each[1]) if weight > 0] or [_ANY]


def _weighed(part: str) -> tuple[str, float]:
    name, *parameters = (each.strip().lower() for each in part.split(";"))
    weight = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            weight = _weight(parameter[2:])
    return name, weight


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = -1.0
    if not 0 <= weight <= 1:
        raise InvalidRequest("A qvalue in the Accept header is not a number from 0 to 1", field="Accept")
    return weight
