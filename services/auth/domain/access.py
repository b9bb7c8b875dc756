"""Grants as they are given to clients: which actions, in which tenant, service path and entity types."""

from collections.abc import Collection, Iterable
from dataclasses import replace

from services.auth.domain.scopes import is_type_name, read_path
from services.auth.domain.tenant import read_name
from services.kernel.errors import BadData, NotAllowed
from services.kernel.identity import Grant, Principal
from services.kernel.identity.grant import SUBTREE

ACTIONS = (
    "read",
    "write",
    "subscribe",
    "register",
    "provision",
    "publish",
    "hold",
    "attest",
    "report",
    "oversee",
    "admin",
)
"""`hold`: to see personal data as their holder does. `attest`: to receive person-related data, attesting the consent
that this takes. `report` is the services': to tell auth of a tenant that a first write created.
"""

EVERYTHING = Grant("*", ("*",))
MOST_GRANTS = 100


def read_grants(grants: Iterable[Grant], field: str = "grants") -> tuple[Grant, ...]:
    """Hold grants against their grammar and fold tenant names. Raises BadData naming the grant."""
    read = tuple(_read_grant(grant, f"{field}.{position}") for position, grant in enumerate(grants))
    if len(read) > MOST_GRANTS:
        raise BadData(f"A client has at most {MOST_GRANTS} grants", field=field)
    return read


def _read_grant(grant: Grant, field: str) -> Grant:
    if not grant.actions or any(action != "*" and action not in ACTIONS for action in grant.actions):
        raise BadData(f"actions must be some of {', '.join(ACTIONS)}, or *", field=f"{field}.actions")
    read_path(grant.path, f"{field}.path")
    if not grant.types or not all(map(is_type_name, grant.types)):
        raise BadData("types must be entity type names or IRIs, or *", field=f"{field}.types")
    if not grant.attributes or not all(map(is_type_name, grant.attributes)):
        raise BadData("attributes must be names or IRIs, or *", field=f"{field}.attributes")
    return replace(grant, tenant=_read_tenant(grant.tenant, f"{field}.tenant"))


def _read_tenant(text: str, field: str) -> str:
    if text in ("*", ""):
        return text
    below = SUBTREE if text.endswith(SUBTREE) else ""
    return read_name(text.removesuffix(SUBTREE), field) + below


def narrow(grants: Iterable[Grant], scope: str) -> tuple[Grant, ...]:
    """Return what is left of grants under a scope, which names actions (RFC 6749, 3.3); empty scope: all.

    Raises NotAllowed if the scope names an action that no grant holds.
    """
    wanted = tuple(dict.fromkeys(scope.split()))
    if not wanted:
        return tuple(grants)
    left = [replace(grant, actions=_common(grant.actions, wanted)) for grant in grants]
    held = {action for grant in left for action in grant.actions}
    for action in wanted:
        if action not in held:
            raise NotAllowed(f"The client has no grant to '{action}'", field="scope")
    return tuple(grant for grant in left if grant.actions)


def _common(actions: Collection[str], wanted: Iterable[str]) -> tuple[str, ...]:
    return tuple(action for action in wanted if action in ACTIONS and (action in actions or "*" in actions))


def scope_of(grants: Iterable[Grant]) -> str:
    """Return the scope of grants: every action that one of them holds, by name."""
    actions = {action for grant in grants for action in grant.actions}
    return " ".join(sorted(ACTIONS if "*" in actions else actions))


def administered(principal: Principal) -> frozenset[str]:
    """Return the tenants that a caller administers as a whole; `*` stands for all. Raises NotAllowed if none."""
    tenants = frozenset(
        grant.tenant.removesuffix(SUBTREE) for grant in principal.grants if grant.covers("admin", grant.tenant, "/#")
    )
    if not tenants:
        raise NotAllowed(f"Client {principal.client_id} administers no tenant")
    return tenants


def overseen(principal: Principal) -> frozenset[str]:
    """Return the tenants whose services a caller may look at: those it administers; all, for the hub's own services.

    Raises NotAllowed if none.
    """
    return frozenset("*") if principal.is_unlimited("report", "*") else administered(principal)
