"""The JSON encoding (annex C): the same tree, whose places are paths as `$.args[0].args[1]`."""

from typing import Any

import orjson

from services.catalog.cql2 import literals
from services.catalog.cql2.axes import Axes
from services.catalog.cql2.tree import FIELD, Literal, Node, Property, Reading, refuse_unreadable, wrong
from services.kernel.errors import InvalidRequest


def read_json(filter_text: str, axes: Axes) -> Node:
    """Read a filter. Raises InvalidRequest, which names the path."""
    refuse_unreadable(filter_text)
    try:
        value = orjson.loads(filter_text)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"filter is no JSON: {error}", field=FIELD) from error
    return _node(value, "$", Reading(axes))


def _node(value: Any, place: str, reading: Reading) -> Node:
    match value:
        case bool() | str():
            return Literal(_allowed(value, place), place)
        case int() | float():
            return Literal(float(value), place)
        case {"op": str(operator), "args": list(arguments)}:
            return _call(operator, arguments, place, reading)
        case {"property": str(name)}:
            return Property(name, place)
        case dict():
            return _value(value, place, reading.axes)
        case _:
            raise wrong("this is neither a value nor an operator with args", place)


def _allowed(value: Any, place: str) -> Any:
    if isinstance(value, str) and "\0" in value:
        raise wrong("a text has a character that is not allowed", place)
    return value


def _call(operator: str, arguments: list[Any], place: str, reading: Reading) -> Node:
    name = operator.casefold()
    places = [f"{place}.args[{number}]" for number in range(len(arguments))]
    if name == "in" and len(arguments) == 2 and isinstance(arguments[1], list):
        places = [places[0], *(f"{places[1]}[{number}]" for number in range(len(arguments[1])))]
        arguments = [arguments[0], *arguments[1]]
    with reading.nested(place):
        found = tuple(_node(each, where, reading) for each, where in zip(arguments, places, strict=True))
    return reading.call(name, found, place)


def _value(value: dict[str, Any], place: str, axes: Axes) -> Node:
    match value:
        case {"date": str(text)}:
            return literals.day(text, place)
        case {"timestamp": str(text)}:
            return literals.instant(text, place)
        case {"interval": list(ends)}:
            return literals.interval([_end(each, f"{place}.interval[{n}]") for n, each in enumerate(ends)], place)
        case {"bbox": list(numbers)} if all(isinstance(each, int | float) for each in numbers):
            return literals.box([float(each) for each in numbers], axes, place)
        case {"type": str(kind)} if kind.casefold() in literals.SHAPES:
            return literals.geojson_shape(value, axes, place)
        case _:
            raise wrong("this is no value that filters have", place)


def _end(value: Any, place: str) -> str | Property:
    match value:
        case str():
            return value
        case {"property": str(name)}:
            return Property(name, place)
        case {"date": str(text)} | {"timestamp": str(text)}:
            return text
        case _:
            raise wrong("an interval ends with a date, a timestamp, '..' or a property", place)
