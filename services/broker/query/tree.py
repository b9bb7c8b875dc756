"""The tree that every query language is parsed into (`q`, `mq`, geo-queries), frozen and face-neutral.

Semantics, the same for both interpreters (`to_sql`, `matches`):
- A comparison meets an attribute if it meets one of its instances, and an array value if it meets one of its elements.
  Arrays on the way through keys are passed through alike, one level each.
- A LanguageProperty without a tag, or with the key `*`, is compared in each of its languages; else the key is the tag.
- Strings compare by code point; date-times as instants; numbers as numbers; values of different kinds never compare.
  Booleans and null are only equal or not. A date-time value is ordered against date-times only, never as a string.
- A Relationship that NGSI-LD wrote is only equal or not to something (NGSI-LD 4.9).
- `!=` is the negation of `==` over what exists: it is false where the target does not exist. `!~=` needs a string.
- A comparison is two-valued: over a missing target it is false, and `Not` of it is true.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Operator(StrEnum):
    """A comparison. Patterns are POSIX-like regular expressions, searched anywhere in the string."""

    EQUAL = "=="
    UNEQUAL = "!="
    LESS = "<"
    LESS_EQUAL = "<="
    GREATER = ">"
    GREATER_EQUAL = ">="
    MATCH = "~="
    NO_MATCH = "!~="


@dataclass(frozen=True, slots=True)
class AttributeTarget:
    """A place in an attribute: the attribute, sub-attributes below it, a member, then keys inside the value.

    `attribute` and `subs` are expanded names. `member` is None for the value, else one of `observedAt`, `unitCode`,
    `datasetId`, `createdAt`, `modifiedAt`, `expiresAt`, `objectType`, `valueType`.
    """

    attribute: str
    subs: tuple[str, ...] = ()
    member: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntityTarget:
    """A member of the entity itself: `id`, `uri`, `type`, `createdAt`, `modifiedAt`, `expiresAt`, `path`, `scope`.

    `id` is NGSIv2's, `uri` is NGSI-LD's; `type` is any of the types, `scope` any of the scopes.
    """

    member: str


Target: TypeAlias = AttributeTarget | EntityTarget


@dataclass(frozen=True, slots=True)
class Instant:
    """A date-time operand, as `YYYY-MM-DDThh:mm:ss.sssZ`."""

    utc: str


Scalar: TypeAlias = str | float | int | bool | Instant | None


@dataclass(frozen=True, slots=True)
class Range:
    """`low..high`, both included."""

    low: Scalar
    high: Scalar


@dataclass(frozen=True, slots=True)
class OneOf:
    """A list of operands, of which one must fit."""

    items: tuple[Scalar | Range, ...]


Operand: TypeAlias = Scalar | Range | OneOf


@dataclass(frozen=True, slots=True)
class Exists:
    """The target exists."""

    target: Target


@dataclass(frozen=True, slots=True)
class Compare:
    """The target compares so with the operand. Ranges and lists go with `==` and `!=` only."""

    target: Target
    operator: Operator
    operand: Operand


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Filter"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """One part holds."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """An entity that a Relationship points at meets the part (NGSI-LD 4.9, `attr{Type:path}`).

    `types` are expanded and alternatives; none means any.
    """

    attribute: str
    subs: tuple[str, ...]
    types: tuple[str, ...]
    part: "Filter"


Filter: TypeAlias = Exists | Compare | Not | All | Any | Linked


class GeoRelation(StrEnum):
    """A spatial relation (NGSI-LD 4.10, NGSIv2 geographical queries).

    `within` leaves out what lies on the border alone, `coveredBy` takes it in.
    """

    NEAR = "near"
    WITHIN = "within"
    COVERED_BY = "coveredBy"
    CONTAINS = "contains"
    INTERSECTS = "intersects"
    EQUALS = "equals"
    DISJOINT = "disjoint"
    OVERLAPS = "overlaps"


@dataclass(frozen=True, slots=True)
class GeoFilter:
    """A geometry of the entity stands in a relation to a given one.

    `geometry` is a GeoJSON geometry (longitude first) as JSON text, so that the value stays frozen. Distances are in
    metres. `attribute` is an expanded name, or None for the entity's default location (NGSIv2).
    """

    relation: GeoRelation
    geometry: str
    attribute: str | None = None
    minimum_m: float | None = None
    maximum_m: float | None = None
