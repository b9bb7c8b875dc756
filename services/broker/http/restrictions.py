"""What a tenant's rules withhold from a caller or add, in the words of the store: paths, and expanded names."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.broker.domain.view import ViewPart
from services.broker.domain.withheld import Withheld
from services.kernel.errors import NotAllowed
from services.kernel.identity import Grant, Principal
from services.kernel.identity.assurance import require_assurance
from services.kernel.identity.grant import SUBTREE
from services.kernel.identity.policies import DECIDED_ACTIONS, Cell, PolicyRequest
from services.kernel.identity.rules import Rules

Expand = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who wants to do what in a tenant, under which rules, and when."""

    rules: Rules
    principal: Principal
    action: str
    tenant: str
    now: datetime

    def verdicts(self, *, granted: bool) -> list[tuple[Cell, bool]]:
        """Return what the policies say of each cell of the tenant's data, where a grant reaches it or does not."""
        policies = self.rules.policies
        if policies is None or self.action not in DECIDED_ACTIONS:
            return []
        requests = [
            PolicyRequest.of(self.principal, self.action, cell, self.now, granted=granted) for cell in policies.cells()
        ]
        return [(request.cell, policies.decide(request).is_allowed) for request in requests]


def withheld_from(asking: Asking, expand: Expand) -> tuple[Withheld, ...]:
    """Return what a caller may not see or change, although its grants reach it."""
    levels = (
        Withheld(
            rule.path,
            tuple(map(expand, rule.types)),
            tuple(map(expand, rule.attributes)),
            rule.asked.ial,
            rule.asked.aal,
        )
        for rule in asking.rules.short_of(asking.principal, asking.action)
    )
    forbidden = (
        Withheld(_subtree(cell), types, other_types=others, other_paths=_below(asking, cell))
        for cell, is_allowed in asking.verdicts(granted=True)
        for types, others in (_types(asking, cell, expand),)
        if not is_allowed
    )
    classified = () if asking.action not in ("read", "subscribe") else _classified(asking, expand)
    return (*levels, *forbidden, *classified)


def receiver_of(principal: Principal, purpose: str) -> tuple[str, str]:
    """Return for which service and purpose a caller receives data: the purpose it states, else its service's first.

    Raises NotAllowed for a purpose that is not the service's.
    """
    if not principal.service:
        return "", ""
    if purpose and purpose not in principal.purposes:
        raise NotAllowed(f"Service {principal.service} has no purpose {purpose}")
    return principal.service, purpose or next(iter(principal.purposes), "")


def _classified(asking: Asking, expand: Expand) -> tuple[Withheld, ...]:
    """Return the attributes of a legal class, kept from who does not hold them; consent may show some."""
    return tuple(
        Withheld(
            types=(expand(rule.type),),
            attributes=(expand(rule.attribute),),
            held=rule.held_by(asking.principal, asking.tenant),
            item=rule.item if rule.takes_consent else "",
            subject="" if rule.subject is None else expand(rule.subject),
        )
        for rule in asking.rules.classes
    )


def permitted_parts(asking: Asking, expand: Expand) -> tuple[ViewPart, ...]:
    """Return what policies let a caller see or change, although no grant reaches it."""
    parts = []
    for cell, is_allowed in asking.verdicts(granted=False):
        if is_allowed:
            path = _subtree(cell)
            types, others = _types(asking, cell, expand)
            closed = asking.rules.closed_to(Grant(asking.tenant, (asking.action,), path))
            parts.append(ViewPart(path, types, (), (*closed, *_below(asking, cell)), others))
    return tuple(parts)


def refuse_by_rules(rules: Rules, principal: Principal, action: str, now: datetime) -> None:
    """Hold a caller of a route that keeps to no view against what the whole tenant asks.

    Raises InsufficientAssurance, NotAllowed.
    """
    whole = [rule.asked for rule in rules.short_of(principal, action) if not rule.types and not rule.attributes]
    require_assurance(principal.assurance, whole, "The tenant")
    if not all(is_allowed for _, is_allowed in Asking(rules, principal, action, "", now).verdicts(granted=True)):
        raise NotAllowed("A policy of the tenant forbids it")


def _subtree(cell: Cell) -> str:
    return cell.path.rstrip("/") + SUBTREE


def _types(asking: Asking, cell: Cell, expand: Expand) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the types of a cell, or those beside which it has every other."""
    policies = asking.rules.policies
    if cell.type:
        return (expand(cell.type),), ()
    return (), () if policies is None else tuple(map(expand, policies.types))


def _below(asking: Asking, cell: Cell) -> tuple[str, ...]:
    policies = asking.rules.policies
    return () if policies is None else policies.below(cell)
