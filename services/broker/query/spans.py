"""Where a filter needs an attribute's value to lie, so that an index of values can say which entities to look at.

A span holds both its ends whatever the comparison does, for it only narrows: the filter itself decides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from services.broker.query import tree
from services.broker.query.tree import AttributeTarget, Compare, Filter, OneOf, Operand, Operator, Range, Scalar


@dataclass(frozen=True, slots=True)
class Span:
    """From one value to another, numbers or texts; None: without end. One end at least is given."""

    low: str | float | None
    high: str | float | None

    @property
    def is_number(self) -> bool:
        """Tell whether the values are numbers."""
        return not isinstance(self.high if self.low is None else self.low, str)


Needed: TypeAlias = tuple[str, tuple[Span, ...]]
"""An attribute, by its expanded name, one of whose values lies within one of the spans."""
_LOW: Final = frozenset({Operator.GREATER, Operator.GREATER_EQUAL})
_HIGH: Final = frozenset({Operator.LESS, Operator.LESS_EQUAL})


def needed(condition: Filter) -> list[Needed]:
    """Return what must hold of the values of single attributes wherever the filter holds; each alone narrows."""
    match condition:
        case tree.All(parts):
            return [each for part in parts for each in needed(part)]
        case tree.Any(parts):
            return _either(parts)
        case Compare(AttributeTarget(attribute, (), None, ()), sign, operand):
            spans = tuple(_spans(sign, operand))
            return [(attribute, spans)] if spans and None not in spans else []  # type: ignore[list-item]
        case _:
            return []


def _either(parts: Sequence[Filter]) -> list[Needed]:
    """Return what each part needs of the same attribute."""
    found = [needed(part) for part in parts]
    attributes = {attribute for each in found for attribute, _ in each}
    if not all(found) or len(attributes) != 1:
        return []
    return [(attributes.pop(), tuple(span for each in found for span in each[0][1]))]


def _spans(sign: Operator, operand: Operand) -> Iterator[Span | None]:
    """Yield the spans of a comparison; None for what no span says."""
    match operand:
        case OneOf(items):
            for item in items:
                yield from _spans(sign, item)
        case Range(low, high):
            yield Span(low, high) if sign is Operator.EQUAL and _alike(low, high) else None  # type: ignore[arg-type]
        case str() | float() | int() if not isinstance(operand, bool):
            yield _span(sign, operand)
        case _:
            yield None


def _span(sign: Operator, value: str | float) -> Span | None:
    if sign is Operator.EQUAL:
        return Span(value, value)
    if sign in _LOW:
        return Span(value, None)
    return Span(None, value) if sign in _HIGH else None


def _alike(low: Scalar, high: Scalar) -> bool:
    texts = isinstance(low, str) and isinstance(high, str)
    return texts or all(isinstance(each, int | float) and not isinstance(each, bool) for each in (low, high))
