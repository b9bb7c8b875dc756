"""What a filter selects: its tree as a condition on data sets (clauses 6 and 7).

A predicate on a property that a record lacks is neither true nor false, and so is its negation: `NOT` goes down to the
predicates, and each asks for what it needs besides.
"""

from collections.abc import Mapping
from typing import Final

from services.catalog.cql2 import relations
from services.catalog.cql2.comparisons import Compare
from services.catalog.cql2.queryable import Queryable
from services.catalog.cql2.tree import Call, Literal, Node, Property, wrong
from services.catalog.domain.query import AllOf, AnyOf, Condition, Not

NOTHING: Final = AnyOf(())
_SIGNS: Final = ("=", "<", ">", "<=", ">=")


def condition_of(node: Node, queryables: Mapping[str, Queryable]) -> Condition:
    """Return what a filter selects of records with such properties. Raises InvalidRequest, which names the place."""
    return _Filter(queryables).holding(node, wanted=True)


class _Filter:
    def __init__(self, queryables: Mapping[str, Queryable]) -> None:
        self._compare = Compare(queryables)

    def holding(self, node: Node, *, wanted: bool) -> Condition:
        """Return where a node is true, or where it is false."""
        match node:
            case Literal(value=bool(value)):
                return AllOf() if value is wanted else NOTHING
            case Call("and" | "or" as operator, arguments, place):
                parts = tuple(self.holding(each, wanted=wanted) for each in arguments)
                if not parts:
                    raise wrong(f"{operator} has nothing to connect", place)
                return AllOf(parts) if (operator == "and") is wanted else AnyOf(parts)
            case Call("not", (inner,)):
                return self.holding(inner, wanted=not wanted)
            case Call("<>", (left, right), place):
                return self.holding(Call("=", (left, right), place), wanted=not wanted)
            case Call("isnull", (Property() as operand,)):
                known = self._compare.known(operand)
                return Not(known) if wanted else known
            case Call():
                return self._predicate(node, wanted=wanted)
            case _:
                raise wrong("this is neither true nor false", node.place)

    def _predicate(self, call: Call, *, wanted: bool) -> Condition:
        holds = self._holds(call)
        known = tuple(self._compare.known(each) for each in _properties(call))
        return AllOf((*known, holds if wanted else Not(holds)))

    def _holds(self, call: Call) -> Condition:
        match call:
            case Call(operator, (left, right)) if operator in (*_SIGNS, "like"):
                return self._compare.pair(operator, left, right)
            case Call("between", (value, least, most)):
                return AllOf((self._compare.pair(">=", value, least), self._compare.pair("<=", value, most)))
            case Call("in", (value, first, *others)):
                return AnyOf(tuple(self._compare.pair("=", value, each) for each in (first, *others)))
            case Call("s_intersects", (left, right)):
                return self._compare.places(left, right)
            case Call(operator, (left, right)) if operator in relations.OF_TIMES or operator in relations.OF_INTERVALS:
                return self._compare.times(operator, left, right)
            case Call("casei" | "accenti"):
                raise wrong("this is neither true nor false", call.place)
            case _:
                raise wrong(f"there is no {call.operator:.40} with {len(call.arguments)} operands", call.place)


def _properties(node: Node) -> tuple[Property, ...]:
    """Return the properties that a predicate reads."""
    match node:
        case Property():
            return (node,)
        case Call(arguments=parts):
            return tuple(found for each in parts for found in _properties(each))
        case _:
            return ()
