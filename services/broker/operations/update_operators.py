"""NGSIv2 update operators in attribute values (`$inc`, `$push`, …), carried out on the stored value.

Where the attribute does not exist yet, numbers start at 0, dates at the epoch, objects empty and lists empty.
"""

import sys
from collections.abc import Callable
from typing import Any, Final

from services.broker.domain.attribute import Instance, is_same_json
from services.broker.domain.v2_value import (
    DATE_TYPES,
    OPERATORS,
    default_type,
    is_operator,
    read_date,
    shown_value,
    typed_members,
)
from services.kernel.clock import to_iso_millis
from services.kernel.errors import BadData, HubError

_EPOCH: Final = "1970-01-01T00:00:00.000Z"
_WITHOUT_BASE: Final = frozenset({"$pull", "$pullAll", "$unset"})
_ABSENT: Final = object()


class OperatorMisfit(HubError):
    """The update operator does not fit the attribute's value"""


def leaves_out(instance: Instance) -> bool:
    """Tell whether an operator on an attribute that does not exist creates nothing."""
    value = instance.get("value")
    return is_operator(value) and set(value) <= _WITHOUT_BASE


def resolve_operator(existing: Instance | None, incoming: Instance) -> Instance:
    """Return the incoming instance with its operator carried out. Raises OperatorMisfit, BadData."""
    value = incoming.get("value")
    if not is_operator(value):
        return incoming
    type_name = incoming.get("type")
    is_date = type_name in DATE_TYPES
    before = _ABSENT if existing is None or existing.get("value") is None else shown_value(existing)
    result = _evaluate(before, value, is_date=is_date)
    kept = {name: each for name, each in incoming.items() if name not in {"kind", "value", "type"}}
    return {**typed_members(type_name or default_type(result), result), **kept}


def _evaluate(before: Any, value: dict[str, Any], *, is_date: bool) -> Any:
    if "$set" in value or "$unset" in value:
        return _set_and_unset(before, value)
    name = next(key for key in value if key in OPERATORS)
    operand = value[name]
    if is_date and name in ("$min", "$max"):
        start = _EPOCH if before is _ABSENT else before
        return _extreme(start, to_iso_millis(read_date(operand)), name)
    return _EVALUATIONS[name](before, operand)


def _number(name: str, value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise OperatorMisfit(f"{name} needs numbers")
    return value


def _inc(before: Any, operand: Any) -> Any:
    return _held("$inc", _number("$inc", 0 if before is _ABSENT else before) + _number("$inc", operand))


def _mul(before: Any, operand: Any) -> Any:
    return _held("$mul", _number("$mul", 0 if before is _ABSENT else before) * _number("$mul", operand))


def _held(name: str, result: Any) -> Any:
    if abs(result) > sys.float_info.max:
        raise OperatorMisfit(f"The result of {name} is too large")
    return result


def _extreme(before: Any, operand: Any, name: str) -> Any:
    if before is _ABSENT:
        before = 0 if isinstance(operand, int | float) and not isinstance(operand, bool) else operand
    return (min if name == "$min" else max)(before, operand, key=_place)


def _place(value: Any) -> tuple[int, Any]:
    """Return where a value stands among those of all kinds: null, numbers, texts, objects, lists, booleans."""
    match value:
        case None:
            return 0, 0
        case bool():
            return 5, value
        case str():
            return 2, value
        case dict():
            return 3, [(key, _place(each)) for key, each in value.items()]
        case list():
            return 4, [_place(each) for each in value]
        case _:
            return 1, value


def _list(name: str, before: Any) -> list[Any]:
    if before is _ABSENT:
        return []
    if not isinstance(before, list):
        raise OperatorMisfit(f"{name} needs a list")
    return before


def _push(before: Any, operand: Any) -> list[Any]:
    items = list(_list("$push", before))
    if not (isinstance(operand, dict) and "$each" in operand):
        return [*items, operand]
    added, position = operand["$each"], operand.get("$position", len(items))
    if not isinstance(added, list) or isinstance(position, bool) or not isinstance(position, int):
        raise OperatorMisfit("$push needs a list in $each and a number in $position")
    return [*items[:position], *added, *items[position:]]


def _add_to_set(before: Any, operand: Any) -> list[Any]:
    items = list(_list("$addToSet", before))
    added = operand["$each"] if isinstance(operand, dict) and "$each" in operand else [operand]
    if not isinstance(added, list):
        raise OperatorMisfit("$addToSet needs a list in $each")
    for each in added:
        if not _contains(items, each):
            items.append(each)
    return items


def _pull(before: Any, operand: Any) -> list[Any]:
    return [each for each in _list("$pull", before) if not is_same_json(each, operand)]


def _pull_all(before: Any, operand: Any) -> list[Any]:
    if not isinstance(operand, list):
        raise OperatorMisfit("$pullAll needs a list")
    return [each for each in _list("$pullAll", before) if not _contains(operand, each)]


def _contains(items: list[Any], value: Any) -> bool:
    return any(is_same_json(each, value) for each in items)


def _set_and_unset(before: Any, value: dict[str, Any]) -> Any:
    added, removed = value.get("$set", {}), value.get("$unset", {})
    if not isinstance(added, dict):
        return added
    if not isinstance(removed, dict):
        removed = {}
    if not added.keys().isdisjoint(removed):
        raise OperatorMisfit("$set and $unset name the same key")
    members = {} if before is _ABSENT else before
    if not isinstance(members, dict):
        raise OperatorMisfit("$set and $unset need an object")
    if any(not isinstance(key, str) or not key for key in added):
        raise BadData("$set needs names that are not empty", field="value")
    return {key: each for key, each in {**members, **added}.items() if key not in removed}


_EVALUATIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "$inc": _inc,
    "$mul": _mul,
    "$min": lambda before, operand: _extreme(before, operand, "$min"),
    "$max": lambda before, operand: _extreme(before, operand, "$max"),
    "$push": _push,
    "$addToSet": _add_to_set,
    "$pull": _pull,
    "$pullAll": _pull_all,
}
