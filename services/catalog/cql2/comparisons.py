"""The predicates of a filter: a property with a value, a time with another, the area with a geometry."""

import dataclasses
from collections.abc import Mapping
from typing import Final

from services.catalog.cql2 import literals, relations
from services.catalog.cql2.queryable import InstantProperty, PlaceProperty, Queryable, TextProperty, TimeProperty
from services.catalog.cql2.relations import Span, Time
from services.catalog.cql2.tree import Call, Geometry, Interval, Literal, Moment, Node, Property, wrong
from services.catalog.domain.comparison import Comparator, Compared, Edge, Instant, Located, Meets, Stated
from services.catalog.domain.query import AllOf, Condition, During

_MIRRORED: Final = {"=": "=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


class Compare:
    """Compares the properties that records have."""

    def __init__(self, queryables: Mapping[str, Queryable]) -> None:
        self._queryables = queryables

    def known(self, operand: Property) -> Condition:
        """Return where a property has a value. Raises InvalidRequest."""
        match self._queryable(operand):
            case TextProperty(said):
                return Stated(said)
            case TimeProperty():
                return During()
            case PlaceProperty():
                return Located()
            case InstantProperty():
                return AllOf()

    def pair(self, operator: str, left: Node, right: Node) -> Condition:
        """Compare two operands with a sign or with `like`. Raises InvalidRequest."""
        plain, is_folded = _unfolded(left)
        if isinstance(plain, Call):
            raise wrong(f"there is no function {plain.operator:.40}", plain.place)
        if not isinstance(plain, Property):
            if operator == "like" or not isinstance(_unfolded(right)[0], Property):
                raise wrong("a property is compared with a value", left.place)
            return self.pair(_MIRRORED[operator], right, left)
        match self._queryable(plain):
            case TextProperty() as told:
                found = _text(operator, told, right)
                return dataclasses.replace(found, is_folded=is_folded or told.is_folded)
            case InstantProperty() if operator != "like" and not is_folded:
                return relations.OF_INSTANTS[operator](self._instant(left), self._instant(right))
            case _:
                raise wrong(f"{plain.name:.40} cannot be compared with {operator}", plain.place)

    def places(self, left: Node, right: Node) -> Condition:
        """Compare the area with a geometry. Raises InvalidRequest."""
        if isinstance(left, Geometry):
            left, right = right, left
        if not isinstance(left, Property) or not isinstance(self._queryable(left), PlaceProperty):
            raise wrong("a property that is a geometry is missing", left.place)
        if not isinstance(right, Geometry):
            raise wrong("a geometry is missing", right.place)
        return Meets(right.shape)

    def times(self, function: str, left: Node, right: Node) -> Condition:
        """Compare two times. Raises InvalidRequest."""
        if function in relations.OF_TIMES:
            return relations.OF_TIMES[function](self._time(left), self._time(right))
        for each in (left, right):
            if not isinstance(each, Interval) and not self._is_interval(each):
                raise wrong(f"{function} compares intervals", each.place)
        return relations.OF_INTERVALS[function](self._time(left), self._time(right))

    def _is_interval(self, node: Node) -> bool:
        return isinstance(node, Property) and isinstance(self._queryable(node), TimeProperty)

    def _queryable(self, operand: Property) -> Queryable:
        found = self._queryables.get(operand.name)
        if found is None:
            raise wrong(f"there is no property {operand.name:.40}", operand.place)
        return found

    def _instant(self, node: Node) -> Time:
        found = self._time(node)
        if isinstance(node, Interval) or self._is_interval(node):
            raise wrong("an instant is missing", node.place)
        return found

    def _time(self, node: Node) -> Time:
        match node:
            case Interval(start, end):
                return Time(self._end(start, Edge.EVER_BEFORE), self._end(end, Edge.EVER_AFTER))
            case Moment(first, last):
                return Time(Span(first, last), Span(first, last))
            case Literal(value=str(text)):
                return self._time(literals.day_or_instant(text, node.place))
            case Property() if self._is_interval(node):
                return Time(_exactly(Edge.COVERS_FROM), _exactly(Edge.COVERS_TO))
            case Property():
                edge = self._end(node, Edge.EVER_BEFORE)
                return Time(edge, edge)
            case _:
                raise wrong("a time is missing", node.place)

    def _end(self, node: Property | Moment | None, otherwise: Edge) -> Span:
        match node:
            case None:
                return _exactly(otherwise)
            case Moment(first, last):
                return Span(first, last)
            case Property():
                found = self._queryable(node)
                if not isinstance(found, InstantProperty):
                    raise wrong(f"{node.name:.40} is no instant", node.place)
                return _exactly(found.edge)


def _exactly(instant: Instant) -> Span:
    return Span(instant, instant)


def _unfolded(node: Node) -> tuple[Node, bool]:
    """Return what CASEI is applied to, and whether it was there."""
    match node:
        case Call("casei", (inner,)):
            return _unfolded(inner)[0], True
        case _:
            return node, False


def _text(operator: str, told: TextProperty, right: Node) -> Compared:
    plain, is_folded = _unfolded(right)
    if not isinstance(plain, Literal) or not isinstance(plain.value, str):
        raise wrong("a text is missing", right.place)
    value = plain.value.casefold() if is_folded or told.is_folded else plain.value
    if operator == "like" and (len(value) - len(value.rstrip("\\"))) % 2:
        raise wrong("a pattern ends with a backslash that stands before nothing", plain.place)
    return Compared(told.said, Comparator(operator), value)
