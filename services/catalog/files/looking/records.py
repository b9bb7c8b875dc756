"""JSON: GeoJSON (RFC 7946) with its places, arrays of objects, JSON lines."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson

from services.catalog.files.looking.cells import cell, table
from services.catalog.files.looking.places import DEPTHS, places_of
from services.kernel.text_encoding import detect

_KINDS = frozenset({"FeatureCollection", "Feature", "GeometryCollection", *DEPTHS})


def look_at_json(content: bytes) -> dict[str, Any] | None:
    """Return what JSON holds, None for JSON that holds no records. Raises ValueError for what is no JSON."""
    value = _read(content)
    if isinstance(value, dict) and str(value.get("type")) in _KINDS:
        return _geojson(value)
    found = _records(value)
    if found is None:
        return None
    return {"kind": "json", "facts": {"records": len(found)}, "tables": [table("records", found, len(found))]}


def _read(content: bytes) -> Any:
    encoding = detect(content)
    if encoding is None:
        raise ValueError("The file is no text")
    plain = content if encoding == "utf-8" else content.decode(encoding).removeprefix("\ufeff").encode()
    try:
        return orjson.loads(plain)
    except orjson.JSONDecodeError:
        lines = [line for line in plain.split(b"\n") if line.strip()]
        if len(lines) < 2 or not lines[0].lstrip().startswith(b"{"):
            raise
        return [orjson.loads(line) for line in lines]


def _records(value: Any) -> list[Mapping[str, Any]] | None:
    """Return an array of objects: the value itself, or the only one among the members of an object."""
    if isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
        return value
    if isinstance(value, dict):
        arrays = [found for each in value.values() if isinstance(each, list) and (found := _records(each))]
        return arrays[0] if len(arrays) == 1 else None
    return None


def _features(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the features of GeoJSON of any kind; a geometry by itself is one without properties."""
    match document["type"]:
        case "FeatureCollection":
            return _objects(document.get("features"))
        case "Feature":
            return [document]
        case "GeometryCollection":
            return [{"geometry": each} for each in _objects(document.get("geometries"))]
        case _:
            return [{"geometry": document}]


def _objects(listed: Any) -> list[Mapping[str, Any]]:
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _geojson(document: Mapping[str, Any]) -> dict[str, Any]:
    features = _features(document)
    properties = [each["properties"] if isinstance(each.get("properties"), dict) else {} for each in features]
    kinds = Counter(cell(each["geometry"].get("type")) for each in features if isinstance(each.get("geometry"), dict))
    shown, outside = places_of(features)
    facts: dict[str, Any] = {"features": len(features)}
    facts |= {"geometries": ", ".join(f"{kind} ({count:,})" for kind, count in kinds.most_common(8))} if kinds else {}
    facts |= {"outside": outside} if outside else {}
    facts |= {"shown": len(shown)} if shown and len(shown) < len(features) - outside else {}
    tables = [table("properties", properties, len(features))] if any(properties) else []
    return {"kind": "geojson", "facts": facts, "tables": tables, "places": shown}
