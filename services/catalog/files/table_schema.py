"""Holding a table against a Table Schema (Frictionless Data, version 1): types, formats, constraints, keys."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import re2

from services.catalog.files.profile import Profile
from services.catalog.files.sheet import Sheet
from services.catalog.files.value import TYPES, read_value
from services.kernel.errors import InvalidRequest

MOST_FAULTS: Final = 1000
_LIMITS: Final = ("minimum", "maximum")
_MOST_FIELDS: Final = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: where (row 1 is the header; no row: the table as a whole), a code, and words."""

    code: str
    message: str
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Validation:
    """What a table was found to be: how many rows, how many faults in all, the first thousand of them."""

    rows: int
    faults: int
    listed: tuple[Fault, ...]

    @property
    def is_valid(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.faults == 0


def infer_schema(profile: Profile) -> dict[str, Any]:
    """Return the Table Schema that a table's profile suggests."""
    fields = [
        {
            "name": each.name,
            "type": each.type,
            **({"constraints": {"required": True}} if profile.looked_at and not each.missing else {}),
        }
        for each in profile.columns
    ]
    return {"fields": fields, "missingValues": [""]}


def check_schema(schema: Any) -> None:
    """Refuse what is no Table Schema. Raises InvalidRequest naming the member."""
    fields = schema.get("fields") if isinstance(schema, dict) else None
    missing = schema.get("missingValues", []) if isinstance(schema, dict) else []
    if not isinstance(missing, list) or not all(isinstance(each, str) for each in missing):
        raise InvalidRequest("missingValues must be a list of texts", field="missingValues")
    if not isinstance(fields, list) or not fields or len(fields) > _MOST_FIELDS:
        raise InvalidRequest("fields must be a list of field descriptors", field="fields")
    for place, each in enumerate(fields):
        where = f"fields.{place}"
        if not isinstance(each, dict) or not isinstance(each.get("name"), str):
            raise InvalidRequest(f"{where}.name must be a text", field=f"{where}.name")
        if each.get("type", "string") not in TYPES:
            raise InvalidRequest(f"{where}.type {each.get('type')} is no type", field=f"{where}.type")
        _check_constraints(each, f"{where}.constraints")
    names = [each["name"] for each in fields]
    for name in _key(schema):
        if name not in names:
            raise InvalidRequest(f"primaryKey names {name}, which is no field", field="primaryKey")


def _check_constraints(field: Mapping[str, Any], where: str) -> None:
    constraints = field.get("constraints", {})
    if not isinstance(constraints, dict):
        raise InvalidRequest(f"{where} must be an object", field=where)
    for word, is_right in _CONSTRAINTS.items():
        if word in constraints and not is_right(constraints[word], field):
            raise InvalidRequest(f"{where}.{word} is not valid", field=f"{where}.{word}")


def _is_pattern(value: Any, field: Mapping[str, Any]) -> bool:
    try:
        re2.compile(value)
    except (re2.error, TypeError):
        return False
    return True


def _is_value(value: Any, field: Mapping[str, Any]) -> bool:
    try:
        read_value(str(value), field.get("type", "string"), field)
    except ValueError:
        return False
    return True


def _is_length(value: Any, field: Mapping[str, Any]) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_CONSTRAINTS: Final[Mapping[str, Callable[[Any, Mapping[str, Any]], bool]]] = MappingProxyType(
    {
        "pattern": _is_pattern,
        "minimum": _is_value,
        "maximum": _is_value,
        "minLength": _is_length,
        "maxLength": _is_length,
        "enum": lambda value, _: isinstance(value, list),
    }
)


def validate(sheet: Sheet, schema: Mapping[str, Any]) -> Validation:
    """Hold a table against a schema that `check_schema` lets pass."""
    number, listed = 0, []
    for fault in _faults(sheet, schema):
        number += 1
        if number <= MOST_FAULTS:
            listed.append(fault)
    return Validation(len(sheet.rows), number, tuple(listed))


def _faults(sheet: Sheet, schema: Mapping[str, Any]) -> Iterator[Fault]:
    fields = {each["name"]: each for each in schema["fields"]}
    for name, each in fields.items():
        if name not in sheet.names:
            is_required = each.get("constraints", {}).get("required", False)
            code = "missing-required-column" if is_required else "missing-column"
            yield Fault(code, f"The column {name} is missing", column=name)
    for name in sheet.names:
        if name not in fields:
            yield Fault("extra-column", f"The column {name} is not in the schema", column=name)
    missing = frozenset(schema.get("missingValues", [""]))
    for place, name in enumerate(sheet.names):
        if name in fields:
            yield from _column_faults([row[place] for row in sheet.rows], fields[name], missing)
    yield from _key_faults(sheet, _key(schema))


def _column_faults(cells: Sequence[str], field: Mapping[str, Any], missing: frozenset[str]) -> Iterator[Fault]:
    name, kind, constraints = field["name"], field.get("type", "string"), field.get("constraints", {})
    limits = {word: read_value(str(constraints[word]), kind, field) for word in _LIMITS if word in constraints}
    seen: set[str] = set()
    for row, cell in enumerate(cells, 2):
        if cell in missing:
            if constraints.get("required"):
                yield Fault("required", f"{name} is empty", row, name)
            continue
        try:
            value = read_value(cell, kind, field)
        except ValueError as error:
            yield Fault("type", f"{name} {error}: {cell:.100}", row, name)
            continue
        if constraints.get("unique") and cell in seen:
            yield Fault("unique", f"{name} has the value again: {cell:.100}", row, name)
        seen.add(cell)
        for code, message in _broken(cell, value, constraints, limits):
            yield Fault(code, f"{name} {message}: {cell:.100}", row, name)


def _broken(
    cell: str, value: Any, constraints: Mapping[str, Any], limits: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    if "minimum" in limits and _is_less(value, limits["minimum"]):
        yield "minimum", f"is less than {constraints['minimum']}"
    if "maximum" in limits and _is_less(limits["maximum"], value):
        yield "maximum", f"is more than {constraints['maximum']}"
    if len(cell) < constraints.get("minLength", 0):
        yield "minLength", f"is shorter than {constraints['minLength']}"
    if len(cell) > constraints.get("maxLength", len(cell)):
        yield "maxLength", f"is longer than {constraints['maxLength']}"
    if "pattern" in constraints and not re2.fullmatch(constraints["pattern"], cell):
        yield "pattern", "does not fit the pattern"
    allowed = constraints.get("enum")
    if allowed is not None and cell not in map(str, allowed) and value not in allowed:
        yield "enum", "is none of the values that are allowed"


def _is_less(one: Any, other: Any) -> bool:
    """Compare two values of a type; times with a zone are not compared to times without."""
    try:
        return bool(one < other)
    except TypeError:
        return False


def _key(schema: Mapping[str, Any]) -> list[Any]:
    key = schema.get("primaryKey", [])
    if isinstance(key, str):
        return [key]
    if not isinstance(key, list):
        raise InvalidRequest("primaryKey must be a name or a list of names", field="primaryKey")
    return key


def _key_faults(sheet: Sheet, key: Sequence[str]) -> Iterator[Fault]:
    places = [place for place, name in enumerate(sheet.names) if name in key]
    if not key or len(places) < len(key):
        return
    seen: dict[tuple[str, ...], int] = {}
    for row, cells in enumerate(sheet.rows, 2):
        values = tuple(cells[place] for place in places)
        if values in seen:
            yield Fault("primaryKey", f"The key is that of row {seen[values]} again: {', '.join(values)}", row)
        else:
            seen[values] = row
