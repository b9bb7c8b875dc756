"""What two callers may both do: a person who acts through a service's client reaches no further than the service."""

from collections.abc import Iterable
from dataclasses import replace

from services.kernel.identity import Grant
from services.kernel.identity.grant import SUBTREE, covers


def common_grants(grants: Iterable[Grant], bounds: Iterable[Grant]) -> tuple[Grant, ...]:
    """Return what grants and bounds both allow, pair by pair: tenant, service path, actions, types and attributes."""
    limits = tuple(bounds)
    pairs = ((grant, bound) for grant in grants for bound in limits)
    return tuple(dict.fromkeys(met for pair in pairs if (met := _common(*pair)) is not None))


def _common(grant: Grant, bound: Grant) -> Grant | None:
    tenant = _tenant(grant.tenant, bound.tenant)
    path = _path(grant.path, bound.path)
    if tenant is None or path is None:
        return None
    actions = _words(grant.actions, bound.actions)
    types = _words(grant.types, bound.types)
    attributes = _words(grant.attributes, bound.attributes)
    if not (actions and types and attributes):
        return None
    return replace(grant, tenant=tenant, path=path, actions=actions, types=types, attributes=attributes)


def _tenant(one: str, other: str) -> str | None:
    """Return the narrower of two tenants; that a tenant lies below another is not known here."""
    if one == "*" or other == one.removesuffix(SUBTREE):
        return other
    if other == "*" or one == other.removesuffix(SUBTREE):
        return one
    return one if one == other else None


def _path(one: str, other: str) -> str | None:
    if covers(one, other):
        return other
    return one if covers(other, one) else None


def _words(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    if "*" in one:
        return other
    return one if "*" in other else tuple(word for word in one if word in other)
