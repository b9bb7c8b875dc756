"""Entities written back as rows of the file that they came from: what reading does, the other way round."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from services.ingest.importing.header import column_name
from services.ingest.importing.hours import days_in_japanese, read_opening_hours
from services.ingest.importing.mapping import ColumnRule, Kind
from services.ingest.importing.mapping import Mapping as FileMapping
from services.ingest.importing.published import published_name

Entity = Mapping[str, Any]
Write = Callable[[Entity], str]
_DIGEST = re.compile(r"x[0-9a-f]{12}\Z")
_HOURS = re.compile(r"(?:(?P<days>\S+) )?(?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)\Z")
_FLAGS = {"true": "有", "false": "無"}
_GRADES = {"available": "○", "limited": "△", "unavailable": "×", "notApplicable": "-"}
_ADDRESS = (
    ("street", "streetAddress"),
    ("region", "addressRegion"),
    ("locality", "addressLocality"),
    ("district", "district"),
    ("number", "streetNr"),
    ("postal_code", "postalCode"),
)


class RowWriter:
    """Writes entities of one mapping in a layout: a header's cells, in order. What nothing fills stays empty."""

    def __init__(self, mapping: FileMapping, tenant: str, layout: Sequence[str] = ()) -> None:
        self._mapping = mapping
        self._tenant = tenant
        self.header = list(layout or mapping.layout or default_layout(mapping))
        names = [column_name(cell) for cell in self.header]
        writers = self._writers(names)
        self._cells = [writers.get(name) for name in names]

    def row(self, entity: Entity) -> list[str]:
        """Write one entity (normalized, short names)."""
        return ["" if write is None else write(entity) for write in self._cells]

    def _writers(self, names: Sequence[str]) -> dict[str, Write]:
        mapping = self._mapping
        rules = [(rule, _attribute_writer(rule)) for rule in reversed(mapping.attributes)]
        found = {name: write for rule, write in rules for name in rule.columns if name in names}
        found |= {name: write for rule, write in rules if (name := _first(rule.columns, names))}
        if mapping.address:
            columns = mapping.address.model_dump()
            for part, member in _ADDRESS:
                if name := _first(columns[part], names):
                    found[name] = _address_writer(member)
        found |= self._position_writers(names) | self._hours_writers(names)
        if name := _first(mapping.id_columns, names):
            found.setdefault(name, self._number)
        return found

    def _position_writers(self, names: Sequence[str]) -> dict[str, Write]:
        position = self._mapping.position
        if position is None or position.datum != "world":
            return {}
        found: dict[str, Write] = {}
        if name := _first(position.latitude, names):
            found[name] = _position_writer("latitude", lambda point: point[1])
        if name := _first(position.longitude, names):
            found[name] = _position_writer("longitude", lambda point: point[0])
        if not found and (name := _first(position.both, names)):
            return {name: _position_writer("both", lambda point: f"{_number_text(point[1])},{_number_text(point[0])}")}
        return found

    def _hours_writers(self, names: Sequence[str]) -> dict[str, Write]:
        hours = self._mapping.hours
        if hours is None:
            return {}
        parts = ((hours.days, "days"), (hours.opens, "opens"), (hours.closes, "closes"))
        return {name: _hours_writer(part) for columns, part in parts if (name := _first(columns, names))}

    def _number(self, entity: Entity) -> str:
        """Return a row's number; empty for an entity that is named after what it says."""
        local = unquote(str(entity["id"]).split(":", 3)[3]).removeprefix(f"{self._tenant}-" if self._tenant else "")
        code = _value(entity, "municipalityCode")
        local = local.removeprefix(f"{code}-") if code else local
        return "" if _DIGEST.match(local) else local


def default_layout(mapping: FileMapping) -> list[str]:
    """Return a header for a mapping that says none: of each attribute the first name of its column."""
    names = [*mapping.id_columns[:1], *(rule.columns[0] for rule in mapping.attributes)]
    if mapping.address:
        names += [columns[0] for columns in (mapping.address.region, mapping.address.locality) if columns]
        names += mapping.address.street[:1]
    if mapping.position:
        names += [*mapping.position.latitude[:1], *mapping.position.longitude[:1]]
    if mapping.hours:
        names += [columns[0] for columns in (mapping.hours.days, mapping.hours.opens, mapping.hours.closes) if columns]
    return list(dict.fromkeys(names))


def _first(columns: Sequence[str], names: Sequence[str]) -> str | None:
    return next((name for name in columns if name in names), None)


def _value(entity: Entity, name: str) -> Any:
    attribute = entity.get(name)
    return attribute.get("value") if isinstance(attribute, Mapping) else None


def _attribute_writer(rule: ColumnRule) -> Write:
    texts = {_key(stored): text for text, stored in reversed(rule.values.items())}
    texts |= {"flag": _FLAGS, "grade": _GRADES}.get(rule.kind, {}) | rule.written

    def write(entity: Entity) -> str:
        attribute = entity.get(rule.name)
        if not isinstance(attribute, Mapping):
            return str(_value(entity, published_name(rule.name)) or "")
        published = attribute.get("publishedAs")
        if isinstance(published, Mapping) and rule.kind == "number":
            return str(published.get("value", ""))
        return _text(attribute.get("value"), rule.kind, texts)

    return write


def _text(value: Any, kind: Kind, texts: Mapping[str, str]) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(texts.get(_key(each), str(each)) for each in value)
    if isinstance(value, Mapping):
        value = value.get("@value", "")
    if _key(value) in texts:
        return texts[_key(value)]
    if kind == "number" and not isinstance(value, str | bool):
        return _number_text(value)
    return str(value)


def _key(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number_text(value: float) -> str:
    text = repr(value)
    return text if "e" not in text else f"{value:f}"


def _address_writer(member: str) -> Write:
    def write(entity: Entity) -> str:
        address = _value(entity, "address")
        return str(address.get(member, "")) if isinstance(address, Mapping) else ""

    return write


def _position_writer(part: str, take: Callable[[Sequence[float]], object]) -> Write:
    def write(entity: Entity) -> str:
        location = _value(entity, "location")
        if not isinstance(location, Mapping):
            return _published(entity, "location").get(part, "")
        if location.get("type") != "Point":
            return ""
        taken = take(location["coordinates"])
        return taken if isinstance(taken, str) else _number_text(float(str(taken)))

    return write


def _hours_writer(part: str) -> Write:
    def write(entity: Entity) -> str:
        written = _value(entity, "openingHours")
        published = _published(entity, "openingHours")
        days, opens, closes = (published.get(each, "") for each in ("days", "opens", "closes"))
        if published and written in (None, read_opening_hours(days, opens, closes).value):
            return published.get(part, "")
        match = _HOURS.match(str(written or ""))
        text = (match[part] or "") if match else ""
        return days_in_japanese(text) if part == "days" and text else text

    return write


def _published(entity: Entity, name: str) -> Mapping[str, str]:
    """Return the texts of an attribute that stands in several cells and could not be read as a whole."""
    value = _value(entity, published_name(name))
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, Mapping) else {}
