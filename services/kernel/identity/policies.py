"""Policies of a tenant in Cedar, decided in the process: one parsed set for each tenant, answers kept by the request.

A policy decides over a caller, an action and a resource, which is a part of the tenant's data: what lies in a service
path, of an entity type. Policies can name no more of a resource than paths and types, so that all resources fall into
a few cells: those named, and the rest. So a decision over a query is one over its cells, and needs no entity.
"""

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Final

import cedarpy

from services.kernel.clock import to_iso
from services.kernel.identity.grant import SUBTREE, covers
from services.kernel.identity.principal import Principal

SCHEMA: Final = """
namespace Hiroba {
  entity Service;
  entity Path in [Path];
  entity Type;
  entity Caller in [Service] { client: String, ial: Long, aal: Long, actsForItself: Bool, purposes: Set<String> };
  entity Data in [Path, Type];
  type Circumstances = { granted: Bool, now: datetime, hour: Long, weekday: Long };
  action read, write, subscribe, register, provision, publish appliesTo {
    principal: [Caller], resource: [Data], context: Circumstances
  };
}
"""
"""What policies may speak of. `granted`: a grant allows it; `hour` and `weekday` (1: Monday) are those of Japan."""

DECIDED_ACTIONS: Final = ("read", "write", "subscribe", "register", "provision", "publish")
_GRANTS: Final = '@id("grants")\npermit (principal, action, resource) when { context.granted };\n'
_JAPAN: Final = timezone(timedelta(hours=9))
_MOST_KEPT: Final = 10_000
_EVERY: Final = "*"


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of a tenant's data that policies cannot tell apart: a service path with what lies below, and a type.

    An empty type is every type that no policy names. What lies in a deeper path that policies name is another cell.
    """

    path: str
    type: str


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """All that a decision depends on; `minute` is the time, rounded down."""

    subject: str
    client: str
    service: str
    ial: int
    aal: int
    purposes: tuple[str, ...]
    action: str
    cell: Cell
    granted: bool
    minute: datetime

    @classmethod
    def of(cls, principal: Principal, action: str, cell: Cell, now: datetime, *, granted: bool) -> "PolicyRequest":
        """Return the request of a caller."""
        return cls(
            principal.subject,
            principal.client_id,
            principal.service,
            principal.ial,
            principal.aal,
            principal.purposes,
            action,
            cell,
            granted,
            now.replace(second=0, microsecond=0),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether policies allow it, and the policies that decided: their `@id`, else their place in the text."""

    is_allowed: bool
    policies: tuple[str, ...] = ()


@lru_cache(maxsize=2048)
def parsed(text: str) -> "Policies":
    """Return policies, parsed once for each text. Raises ValueError."""
    return Policies(text)


class Policies:
    """The policies of one tenant."""

    def __init__(self, text: str) -> None:
        """Parse policies. Raises ValueError."""
        whole = f"{_GRANTS}\n{text}"
        self._set = cedarpy.PolicySet.from_str(whole)
        named = set(_named(json.loads(cedarpy.policies_to_json_str(whole))))
        self.types = tuple(sorted(name for kind, name in named if kind == "Hiroba::Type"))
        self.paths = tuple(sorted({"/", *(name for kind, name in named if kind == "Hiroba::Path")}))
        self._kept: OrderedDict[PolicyRequest, Verdict] = OrderedDict()

    def cells(self) -> Iterator[Cell]:
        """Yield every cell."""
        for path in self.paths:
            for name in (*self.types, ""):
                yield Cell(path, name)

    def cells_of(self, path: str, entity_type: str) -> list[Cell]:
        """Return the cells that a service path, which may end in `/#`, and a type (`*`: all) touch."""
        return [cell for cell in self.cells() if self._is_of(cell, entity_type) and self._is_in(cell, path)]

    def below(self, cell: Cell) -> tuple[str, ...]:
        """Return the paths, each with what lies below, that lie in a cell's path but are cells of their own."""
        inner = (path for path in self.paths if path != cell.path and _covers(cell.path, path))
        return tuple(path + SUBTREE for path in inner)

    def decide(self, request: PolicyRequest) -> Verdict:
        """Return what policies say: allowed where one permits and none forbids."""
        kept = self._kept.get(request)
        if kept is None:
            kept = self._kept[request] = self._asked(request)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return kept

    def _asked(self, request: PolicyRequest) -> Verdict:
        answer = cedarpy.is_authorized(_cedar_request(request), self._set, self._entities(request))
        named = answer.diagnostics.id_annotations_by_reason
        reasons = (named.get(reason, reason) for reason in answer.diagnostics.reasons)
        return Verdict(answer.allowed, tuple(sorted(reasons)))

    def _entities(self, request: PolicyRequest) -> list[dict[str, Any]]:
        above = [path for path in self.paths if _covers(path, request.cell.path)]
        kinds = [_uid("Type", request.cell.type)] if request.cell.type else []
        caller = {
            "client": request.client,
            "ial": request.ial,
            "aal": request.aal,
            "actsForItself": request.subject == request.client,
            "purposes": list(request.purposes),
        }
        services = [_uid("Service", request.service)] if request.service else []
        return [
            {"uid": _uid("Caller", request.subject), "attrs": caller, "parents": services},
            {"uid": _uid("Data", "data"), "attrs": {}, "parents": [*(_uid("Path", path) for path in above), *kinds]},
        ]

    def _is_of(self, cell: Cell, entity_type: str) -> bool:
        return entity_type == _EVERY or cell.type == (entity_type if entity_type in self.types else "")

    def _is_in(self, cell: Cell, path: str) -> bool:
        base = path.removesuffix(SUBTREE) or "/"
        if path.endswith(SUBTREE) and _covers(base, cell.path):
            return True
        deepest = max((named for named in self.paths if _covers(named, base)), key=len)
        return cell.path == deepest


def _covers(path: str, other: str) -> bool:
    return path == "/" or covers(path + SUBTREE, other)


def _uid(kind: str, name: str) -> dict[str, str]:
    return {"type": f"Hiroba::{kind}", "id": name}


def _cedar_request(request: PolicyRequest) -> dict[str, Any]:
    local = request.minute.astimezone(_JAPAN)
    context = {
        "granted": request.granted,
        "now": {"__extn": {"fn": "datetime", "arg": to_iso(request.minute)}},
        "hour": local.hour,
        "weekday": local.isoweekday(),
    }
    return {
        "principal": _uid("Caller", request.subject),
        "action": _uid("Action", request.action),
        "resource": _uid("Data", "data"),
        "context": context,
    }


def _named(part: object) -> Iterator[tuple[str, str]]:
    """Yield every entity that policies name, as its type and identifier."""
    if isinstance(part, Mapping):
        kind, name = part.get("type"), part.get("id")
        if isinstance(kind, str) and isinstance(name, str):
            yield kind, name
        for each in part.values():
            yield from _named(each)
    elif isinstance(part, list):
        for each in part:
            yield from _named(each)
