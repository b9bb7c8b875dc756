"""Records out of a JSON text: a list of objects, wherever it stands, or the features of GeoJSON.

Members are columns; those of nested objects are joined by points, as `location.latitude`. Lists of values are joined by
semicolons. The geometry of a feature that is a point becomes the columns `緯度` and `経度`, any other the column
`geometry`, as GeoJSON.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from services.ingest.importing.table import MOST_COLUMNS
from services.kernel.errors import InvalidRequest

_DEEPEST = 5
_LATITUDE, _LONGITUDE, _GEOMETRY = "緯度", "経度", "geometry"


def is_json(text: str) -> bool:
    """Tell whether a text looks like JSON with objects in it."""
    start = text[:200].lstrip()
    return start.startswith("{") or (start.startswith("[") and start[1:].lstrip()[:1] in ("{", "]", ""))


def read_json(text: str) -> list[list[str]]:
    """Read the records, a header first. Raises InvalidRequest."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The file is not JSON: {error}", field="body") from None
    items = _items(document, _DEEPEST)
    if items is None:
        raise InvalidRequest("The file is JSON without a list of objects", field="body")
    rows = [dict(_flat(_of_feature(item), "", _DEEPEST)) for item in items]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if not columns or len(columns) > MOST_COLUMNS:
        raise InvalidRequest(f"The objects have no member, or more than {MOST_COLUMNS}", field="body")
    return [columns, *([row.get(name, "") for name in columns] for row in rows)]


def _items(value: Any, depth: int) -> Sequence[Mapping[str, Any]] | None:
    """Return the longest list of objects in a document, the outermost of those; a lone object is a list of one."""
    found = _lists(value, depth)
    longest = max(found, key=len, default=None)
    if longest is None and isinstance(value, Mapping):
        return [value]
    return longest


def _lists(value: Any, depth: int) -> list[Sequence[Mapping[str, Any]]]:
    if isinstance(value, list):
        return [value] if value and all(isinstance(each, Mapping) for each in value) else []
    if not isinstance(value, Mapping) or depth == 0:
        return []
    return [found for each in value.values() for found in _lists(each, depth - 1)]


def _of_feature(item: Mapping[str, Any]) -> Mapping[str, Any]:
    if item.get("type") != "Feature" or not isinstance(item.get("properties"), Mapping):
        return item
    named = {"id": item["id"]} if "id" in item else {}
    return {**named, **item["properties"], **_place(item.get("geometry"))}


def _place(geometry: Any) -> dict[str, Any]:
    if not isinstance(geometry, Mapping) or not geometry.get("type"):
        return {}
    coordinates = geometry.get("coordinates")
    if geometry["type"] != "Point":
        return {_GEOMETRY: orjson.dumps(geometry).decode()}
    if isinstance(coordinates, list) and len(coordinates) > 1:
        return {_LATITUDE: coordinates[1], _LONGITUDE: coordinates[0]}
    return {}


def _flat(value: Mapping[str, Any], before: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, each in value.items():
        path = f"{before}{name}"
        if isinstance(each, Mapping) and each and depth > 1:
            yield from _flat(each, f"{path}.", depth - 1)
        else:
            yield path, _text(each)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case str():
            return value
        case list() if all(isinstance(each, str | int | float) for each in value):
            return ";".join(map(str, value))
        case list() | dict():
            return orjson.dumps(value).decode()
    return str(value)
