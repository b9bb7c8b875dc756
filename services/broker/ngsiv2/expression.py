"""An `expression`: `q`, `mq` and a geographical query, as parameters or as an object in a body."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.broker.ngsiv2.geo_query import read_geo_query
from services.broker.ngsiv2.names import Names
from services.broker.query.parse_q_v2 import parse_mq_v2, parse_q_v2
from services.broker.query.tree import All, Filter, GeoFilter, GeoRelation
from services.kernel.errors import BadData

_MEMBERS: Final = frozenset({"q", "mq", "georel", "geometry", "coords"})


@dataclass(frozen=True, slots=True)
class Expression:
    """What an expression asks."""

    filter: Filter | None
    geo: tuple[GeoFilter, ...]

    @property
    def near(self) -> str | None:
        """The point that distances are measured from, where the query is `near` one."""
        return next((each.geometry for each in self.geo if each.relation is GeoRelation.NEAR), None)


def read_expression(members: Mapping[str, Any], names: Names) -> Expression:
    """Read an expression; without members it asks nothing. Raises BadData, TooComplex."""
    unknown = members.keys() - _MEMBERS
    if unknown:
        raise BadData(f"An expression has no member '{min(unknown)}'", field=min(unknown))
    parts = []
    for name, parse in (("q", parse_q_v2), ("mq", parse_mq_v2)):
        if name in members:
            text = members[name]
            if not isinstance(text, str) or not text:
                raise BadData(f"{name} must be a text that is not empty", field=name)
            parts.append(parse(text, names.expand))
    geo = read_geo_query(members)
    joined = None if not parts else parts[0] if len(parts) == 1 else All(tuple(parts))
    return Expression(joined, () if geo is None else (geo,))
