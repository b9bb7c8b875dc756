"""The query parameters of NGSIv2: `options`, `attrs`, `metadata`, paging, and the representation they ask for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.broker.http.request import Parameters
from services.kernel.errors import InvalidRequest
from services.kernel.paging import Page, read_page

_OPTIONS: Final = frozenset(
    {
        *("count", "keyValues", "values", "unique", "append", "upsert", "forcedUpdate", "overrideMetadata"),
        *("flowControl", "skipForwarding", "noAttrDetail", "fullCounters", "dateCreated", "dateModified"),
        *("skipInitialNotification", "normalized", "text", "libVersions"),
    }
)


class Form(StrEnum):
    """How entities are represented."""

    NORMALIZED = "normalized"
    KEY_VALUES = "keyValues"
    VALUES = "values"
    UNIQUE = "unique"


_FORMS: Final = (Form.KEY_VALUES, Form.VALUES, Form.UNIQUE)


@dataclass(frozen=True, slots=True)
class Shape:
    """Which parts of an entity are shown, and how. None: all user-defined ones."""

    form: Form = Form.NORMALIZED
    attributes: tuple[str, ...] | None = None
    metadata: tuple[str, ...] | None = None


def read_options(parameters: Parameters) -> frozenset[str]:
    """Return the options of a request. Raises InvalidRequest."""
    text = parameters.get("options")
    if text is None:
        return frozenset()
    options = frozenset(text.split(","))
    if not options <= _OPTIONS:
        raise InvalidRequest("Invalid value for URI parameter /options/", field="options")
    if len(options.intersection(_FORMS)) > 1:
        raise InvalidRequest("keyValues, values and unique exclude each other", field="options")
    return options


def read_names(parameters: Parameters, name: str) -> tuple[str, ...] | None:
    """Return the names in a comma-separated parameter; None where it is absent. Raises InvalidRequest."""
    text = parameters.get(name)
    if text is None:
        return None
    names = tuple(text.split(","))
    if not all(names):
        raise InvalidRequest(f"{name} has an empty name", field=name)
    return tuple(dict.fromkeys(names))


def read_shape(parameters: Parameters, options: frozenset[str]) -> Shape:
    """Return the representation that a request asks for. Raises InvalidRequest."""
    attributes = read_names(parameters, "attrs")
    added = tuple(name for name in ("dateCreated", "dateModified") if name in options)
    if added:
        attributes = (*(attributes or ("*",)), *added)
    form = next((each for each in _FORMS if each in options), Form.NORMALIZED)
    return Shape(form, attributes, read_names(parameters, "metadata"))


def read_paging(parameters: Parameters, options: frozenset[str]) -> Page:
    """Return the part of a list that is asked for; a limit of 0 asks for the number alone. Raises InvalidRequest."""
    return read_page(parameters.get("limit"), parameters.get("offset"), count="count" in options, minimum_limit=0)


def count_header(page: Page, total: int | None) -> tuple[tuple[str, str], ...]:
    """Return the header with the total, if it was asked for."""
    return (("Fiware-Total-Count", str(total or 0)),) if page.count else ()
