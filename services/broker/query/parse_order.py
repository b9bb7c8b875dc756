"""The NGSI-LD entity ordering language (`orderBy`, `orderFrom`, `orderGeometry`, `collation`, 4.23), percent-decoded.

orderBy   = key *( "," key )
key       = path [ ";" direction ]                     ; path: see `paths`, without linked entities
direction = "asc" / "desc" / "dist-asc" / "dist-desc"
"""

import re
from dataclasses import dataclass
from typing import Final

from services.broker.query.entity_query import Order
from services.broker.query.parse_geo import read_geometry
from services.broker.query.paths import Expand, make_target, read_path
from services.broker.query.scanner import Scanner
from services.broker.query.tree import AttributeTarget
from services.kernel.errors import BadData

_DIRECTIONS: Final = ("asc", "desc", "dist-asc", "dist-desc")
_ROOT: Final = "und"
_LANGUAGE_TAG: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z")


@dataclass(frozen=True, slots=True)
class LdOrdering:
    """The parameters of an ordering as they are given: `orderBy`, `collation`, `orderFrom`, `orderGeometry`."""

    order_by: str
    collation: str | None = None
    order_from: str | None = None
    order_geometry: str = "Point"


def parse_ld_order(ordering: LdOrdering, expand: Expand) -> tuple[Order, ...]:
    """Read the keys of an ordering; null and what is missing come last, texts stand in the root collation unless said.

    Raises BadData naming the parameter.
    """
    if ordering.collation is not None and not _LANGUAGE_TAG.match(ordering.collation):
        raise BadData(f"collation must be a language tag, not '{ordering.collation}'", field="collation")
    start = None
    if ordering.order_from is not None:
        start = read_geometry(ordering.order_geometry, ordering.order_from, "orderFrom")
    scanner = Scanner(ordering.order_by, "orderBy")
    orders = [_read_key(scanner, expand, ordering.collation, start)]
    while scanner.take(","):
        orders.append(_read_key(scanner, expand, ordering.collation, start))
    scanner.finish()
    return tuple(orders)


def _read_key(scanner: Scanner, expand: Expand, collation: str | None, start: str | None) -> Order:
    scanner.skip_blanks()
    path = read_path(scanner)
    if path.linked is not None:
        raise scanner.wrong("linked entities are no key")
    target = make_target(path, expand, scanner)
    direction = _read_direction(scanner)
    descending = direction.endswith("desc")
    if not direction.startswith("dist"):
        return Order(target, descending, collation=collation or _ROOT, missing_last=True)
    if start is None:
        raise BadData(f"orderFrom must be given for {direction}", field="orderFrom")
    if not isinstance(target, AttributeTarget) or target.subs or target.member or target.keys:
        raise scanner.wrong("distance is that of a GeoProperty")
    return Order(target, descending, distance_from=start, missing_last=True)


def _read_direction(scanner: Scanner) -> str:
    if not scanner.take(";"):
        return "asc"
    place = scanner.at
    direction = scanner.take_until(",")
    if direction not in _DIRECTIONS:
        raise scanner.wrong(f"the direction must be one of {', '.join(_DIRECTIONS)}", place)
    return direction
