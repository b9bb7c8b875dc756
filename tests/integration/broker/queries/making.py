"""Random entities and queries over the same few names and values, so that they meet."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from services.broker.domain.entity import Entity
from services.broker.domain.names import LOCATION
from services.broker.domain.selection import ScopeAll, ScopeAny, ScopeIs, TypeAll, TypeAny, TypeIs
from services.broker.domain.view import View, ViewPart
from services.broker.domain.withheld import Withheld
from services.broker.query import tree
from services.broker.query.entity_query import EntityQuery, EntitySelector
from services.broker.query.tree import (
    AttributeTarget,
    Compare,
    EntityTarget,
    Exists,
    GeoFilter,
    GeoRelation,
    Instant,
    Linked,
    Not,
    OneOf,
    Operator,
    Range,
)
from services.kernel.paging import Page

T = TypeVar("T")

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
NAMES = ("https://x/a", 'b"\\名')
KEYS = ("k", "*", "en", 'q"')
TYPES = ("T1", "T2", "T'3")
PATHS = ("/", "/a", "/a/b", "/c")
SCOPES = ("/a", "/a/b", "a", "/名", "/a/b/c", "/c+d")
URIS = tuple(f"urn:x:{number}" for number in range(5))
INSTANTS = ("2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.500Z", "2026-03-01T12:00:00.123Z")
MOMENTS = (
    *INSTANTS,
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.5Z",
    "2026-02-30T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01",
)
STRINGS = ("", "a", "b", "ab", "Ab", "é", "𠮷", "ｱ", "a\nb", 'a"\\', "1", "true", "null", *URIS[:2], *MOMENTS)
NUMBERS = (0, 1, -1, 2, 1.5, 1.0, 1e20, 0.1, -0.0, 2**53 + 1)
PATTERNS = ("a", "^a", "b$", ".", "[ab]+$", "^$", "a.b", r"\d", "é|𠮷", '"', r"\\", "[^a]", r"^\w*$", "urn:x:[01]")
_ORDERS = (Operator.LESS, Operator.LESS_EQUAL, Operator.GREATER, Operator.GREATER_EQUAL)


@dataclass(frozen=True, slots=True)
class Making:
    """Makes values by one source of chance."""

    chance: Random

    def one(self, choices: Sequence[T]) -> T:
        return self.chance.choice(choices)

    def happens(self, probability: float) -> bool:
        return self.chance.random() < probability

    def several(self, make: Callable[[], T], least: int, most: int) -> tuple[T, ...]:
        return tuple(make() for _ in range(self.chance.randint(least, most)))

    def string(self) -> str:
        if self.happens(0.9):
            return self.one(STRINGS)
        return "".join(chr(self.one((0x1, 0x22, 0x5C, 0x7F, 0xE9, 0x2028, 0xFFFD, 0x1F600, 0x61))) for _ in range(2))

    def scalar(self) -> Any:
        return self.one((self.string, self.string, lambda: self.one(NUMBERS), lambda: self.one((True, False, None))))()

    def value(self, depth: int = 2) -> Any:
        shape = self.chance.random()
        if depth and shape < 0.25:
            return [self.value(depth - 1) for _ in range(self.chance.randint(0, 3))]
        if depth and shape < 0.5:
            return {self.one(KEYS): self.value(depth - 1) for _ in range(self.chance.randint(0, 2))}
        return self.scalar()

    def instance(self, depth: int = 1) -> dict[str, Any]:
        kind = self.one(("Property", "Property", "Property", "Relationship", "LanguageProperty", "ListRelationship"))
        instance: dict[str, Any] = {"kind": kind, "value": self._value_of(kind)}
        if kind == "Property" and self.happens(0.3):
            instance["instant"] = self.one(INSTANTS)
        if self.happens(0.3):
            instance["type"] = "Text"
        for member, choices in (("observedAt", MOMENTS), ("unitCode", ("MTR", "a")), ("createdAt", INSTANTS)):
            if self.happens(0.3):
                instance[member] = self.one(choices)
        if depth and self.happens(0.4):
            instance["subs"] = self._attributes(depth - 1)
        return instance

    def _value_of(self, kind: str) -> Any:
        uri = self.one(URIS)
        match kind:
            case "Relationship":
                return uri if self.happens(0.7) else [uri, self.one(URIS)]
            case "ListRelationship":
                return list(self.several(lambda: self.one(URIS), 0, 2))
            case "LanguageProperty":
                tags = ("k", "en", "ja")
                return {self.one(tags): self.string() if self.happens(0.7) else [self.string()] for _ in range(2)}
            case _:
                return self.value()

    def _attributes(self, depth: int) -> dict[str, list[dict[str, Any]]]:
        return {
            name: list(self.several(lambda: self.instance(depth), 1, 2 if self.happens(0.3) else 1))
            for name in NAMES
            if self.happens(0.7)
        }

    def entity(self, number: int) -> Entity:
        return Entity(
            id=f"e{number}",
            types=tuple(self.chance.sample(TYPES, self.one((1, 1, 2)))),
            attrs=self._attributes(1),
            path=self.one(PATHS),
            uri=f"urn:x:{number}",
            scopes=None if self.happens(0.5) else tuple(self.chance.sample(SCOPES, self.chance.randint(0, 2))),
            created_at=NOW + timedelta(milliseconds=self.chance.randint(-1, 1), microseconds=self.chance.randint(0, 9)),
            modified_at=NOW,
            expires_at=self.one((None, NOW + timedelta(days=36500))),
        )

    def target(self) -> AttributeTarget | EntityTarget:
        if self.happens(0.15):
            return EntityTarget(
                self.one(("id", "uri", "type", "createdAt", "modifiedAt", "expiresAt", "path", "scope"))
            )
        subs = (self.one(NAMES),) if self.happens(0.2) else ()
        if self.happens(0.2):
            members = ("observedAt", "unitCode", "createdAt", "datasetId")
            return AttributeTarget(self.one(NAMES), subs, self.one(members))
        keys = self.several(lambda: self.one(KEYS), 1, 2) if self.happens(0.35) else ()
        return AttributeTarget(self.one(NAMES), subs, None, keys)

    def operand(self, target: AttributeTarget | EntityTarget) -> Any:
        if self.happens(0.3):
            return Instant(self.one(INSTANTS))
        if isinstance(target, EntityTarget) and self.happens(0.8):
            return self.one(("e1", *URIS, *TYPES, *PATHS, *SCOPES))
        return self.scalar()

    def range(self, target: AttributeTarget | EntityTarget) -> Range:
        low, high = sorted((self.operand(target) for _ in range(2)), key=repr)
        return Range(low, high)

    def comparison(self) -> Compare:
        target = self.target()
        form = self.chance.random()
        if form < 0.3:
            return Compare(target, self.one(_ORDERS), self.operand(target))
        if form < 0.45:
            return Compare(target, self.one((Operator.MATCH, Operator.NO_MATCH)), self.one(PATTERNS))
        sign = self.one((Operator.EQUAL, Operator.UNEQUAL))
        if form < 0.7:
            return Compare(target, sign, self.operand(target))
        if form < 0.85:
            return Compare(target, sign, self.range(target))
        items = self.several(lambda: self.one((self.operand, self.range))(target), 1, 3)
        return Compare(target, sign, OneOf(items))

    def filter(self, depth: int = 2) -> tree.Filter:
        form = self.chance.random() if depth else 1.0
        if form < 0.15:
            return Not(self.filter(depth - 1))
        if form < 0.3:
            return tree.All(self.several(lambda: self.filter(depth - 1), 1, 3))
        if form < 0.45:
            return tree.Any(self.several(lambda: self.filter(depth - 1), 1, 3))
        if form < 0.55:
            subs = (self.one(NAMES),) if self.happens(0.3) else ()
            types = self.several(lambda: self.one(TYPES), 0, 2)
            return Linked(self.one(NAMES), subs, types, self.filter(depth - 1))
        return Exists(self.target()) if self.happens(0.15) else self.comparison()

    def types(self, depth: int = 2) -> Any:
        if depth and self.happens(0.5):
            return self.one((TypeAll, TypeAny))(self.several(lambda: self.types(depth - 1), 1, 3))
        return TypeIs(self.one(TYPES))

    def scope(self, depth: int = 1) -> Any:
        if depth and self.happens(0.4):
            return self.one((ScopeAll, ScopeAny))(self.several(lambda: self.scope(depth - 1), 1, 2))
        if self.happens(0.1):
            return ScopeIs((), below=True)
        return ScopeIs(self.several(lambda: self.one(("a", "b", "c", "+", "名", "c+d")), 1, 3), self.happens(0.4))

    def selector(self) -> EntitySelector:
        return EntitySelector(
            ids=self.several(lambda: self.one(("e0", "e1", "e2", *URIS)), 2, 4) if self.happens(0.3) else (),
            id_pattern=self.one(("^urn:", "1$", "e", "^(e|urn:x:)[0-2]$")) if self.happens(0.3) else None,
            types=self.types() if self.happens(0.6) else None,
            type_pattern=self.one(("^T", "[12]$", "'")) if self.happens(0.2) else None,
            by_uri=self.happens(0.5),
        )

    def query(self) -> EntityQuery:
        paths = ("/", "/a", "/a/#", "/#", "/a/b/#", "/c")
        return EntityQuery(
            selectors=self.several(self.selector, 0, 2),
            attributes=self.several(lambda: self.one(NAMES), 0, 2) if self.happens(0.3) else (),
            filter=self.filter(1) if self.happens(0.3) else None,
            scope=self.scope() if self.happens(0.4) else None,
            paths=self.several(lambda: self.one(paths), 1, 2) if self.happens(0.4) else (),
            view=self.view(paths) if self.happens(0.4) else None,
        )

    def view_part(self, paths: Sequence[str]) -> ViewPart:
        """Make a part of what a caller may see."""
        closed = self.several(lambda: self.one(paths), 1, 2) if self.happens(0.3) else ()
        others = self.several(lambda: self.one(TYPES), 1, 2) if self.happens(0.2) else ()
        return ViewPart(self.one(paths), self.several(lambda: self.one(TYPES), 0, 2), (), closed, others)

    def view(self, paths: Sequence[str]) -> View:
        """Make what a caller may see."""
        withheld = self.several(lambda: self.withheld(paths), 1, 2) if self.happens(0.4) else ()
        return View(self.several(lambda: self.view_part(paths), 0, 3), withheld)

    def withheld(self, paths: Sequence[str]) -> Withheld:
        """Make what is kept back from it."""
        return Withheld(
            self.one(paths),
            self.several(lambda: self.one(TYPES), 0, 1),
            other_types=self.several(lambda: self.one(TYPES), 0, 1),
            other_paths=self.several(lambda: self.one(paths), 0, 1),
            held=self.several(lambda: self.one(paths), 0, 1) if self.happens(0.3) else (),
        )

    def position(self) -> list[float]:
        place: list[float] = [self.chance.randint(-2, 2), self.chance.randint(-2, 2)]
        return [*place, 7.5] if self.happens(0.1) else place

    def ring(self) -> list[list[float]]:
        west, south = self.position()[:2]
        east, north = west + self.chance.randint(1, 3), south + self.chance.randint(1, 3)
        return [[west, south], [east, south], [east, north], [west, north], [west, south]]

    def geometry(self) -> dict[str, Any]:
        kind = self.one(("Point", "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"))
        match kind:
            case "Point":
                coordinates: Any = self.position()
            case "MultiPoint":
                coordinates = [self.position() for _ in range(2)]
            case "LineString":
                coordinates = [self.position(), [3, 3]]
            case "MultiLineString":
                coordinates = [[self.position(), [3, 3]], [[-3, 1], self.position()]]
            case "Polygon":
                coordinates = [self.ring()]
            case _:
                coordinates = [[self.ring()], [self.ring()]]
        return {"type": kind, "coordinates": coordinates}

    def located_entity(self, number: int) -> Entity:
        """Make an entity with GeoProperties, perhaps several, perhaps none."""
        attrs: dict[str, list[dict[str, Any]]] = {"other": [{"kind": "Property", "value": self.geometry()}]}
        for name in (LOCATION, *NAMES):
            if self.happens(0.4):
                kind = "GeoProperty" if self.happens(0.9) else "Property"
                attrs[name] = [{"kind": kind, "value": self.geometry()} for _ in range(self.one((1, 1, 2)))]
        return Entity(
            id=f"e{number}", types=("T1",), attrs=attrs, uri=f"urn:x:{number}", created_at=NOW, modified_at=NOW
        )

    def geo(self) -> GeoFilter:
        relation = self.one(tuple(GeoRelation))
        attribute = self.one((None, LOCATION, NAMES[0]))
        shape = json.dumps(self.geometry())
        if relation is not GeoRelation.NEAR:
            return GeoFilter(relation, shape, attribute)
        least, most = sorted(self.one((1.0, 50_000.0, 150_000.0, 300_000.0)) for _ in range(2))
        limits = self.one(({"minimum_m": least}, {"maximum_m": most}, {"minimum_m": least, "maximum_m": most}))
        return GeoFilter(relation, shape, attribute, **limits)

    def located_query(self) -> EntityQuery:
        return EntityQuery(
            geo=self.several(self.geo, 1, 2 if self.happens(0.2) else 1),
            filter=Exists(AttributeTarget(NAMES[1])) if self.happens(0.2) else None,
            page=Page(self.one((1, 3, 1000)), self.one((0, 0, 2)), self.happens(0.5)),
        )
