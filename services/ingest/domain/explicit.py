"""`explicitAttrs`: which of a measure's attributes become attributes of the entity (IoT agent API)."""

from dataclasses import dataclass
from typing import Any

from services.ingest.domain.expression.compiled import Expression, Scope, compile_expression


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept: everything (`names` none), of it only what provisioning defines, or only what is named."""

    is_explicit: bool = False
    names: frozenset[str] | None = None
    keys: frozenset[str] = frozenset()

    def keeps(self, name: str, key: str | None = None) -> bool:
        """Tell whether a defined attribute is kept, by its name or its key in the measure."""
        return self.names is None or name in self.names or key in self.keys


EVERYTHING = Kept()
DEFINED = Kept(is_explicit=True)


@dataclass(frozen=True, slots=True)
class ExplicitRule:
    """A rule, the same for all measures or an expression over each."""

    always: Kept = EVERYTHING
    expression: Expression | None = None

    def kept(self, scope: Scope) -> Kept:
        """Return what is kept of the measure that the scope has."""
        return self.always if self.expression is None else _kept(self.expression.value(scope))


def read_rule(value: Any) -> ExplicitRule:
    """Read `explicitAttrs`: true, false, a list, or an expression. Raises Fault; ValueError for anything else."""
    if isinstance(value, str) and value.strip().lower() not in ("", "true", "false"):
        return ExplicitRule(expression=compile_expression(value))
    if isinstance(value, str):
        value = value.strip().lower() == "true"
    if value is not None and not isinstance(value, bool | list):
        raise ValueError("explicitAttrs must be true, false, a list of names or an expression")
    if isinstance(value, list) and not all(_is_item(each) for each in value):
        raise ValueError("explicitAttrs: items are names, or {object_id: …}")
    return ExplicitRule(_kept(value))


def _kept(value: Any) -> Kept:
    if isinstance(value, list):
        names = frozenset(each for each in value if isinstance(each, str))
        keys = frozenset(each["object_id"] for each in value if isinstance(each, dict) and _is_item(each))
        return Kept(is_explicit=True, names=names, keys=keys)
    return DEFINED if value is True else EVERYTHING


def _is_item(item: object) -> bool:
    return isinstance(item, str) or (isinstance(item, dict) and isinstance(item.get("object_id"), str))
