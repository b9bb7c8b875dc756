"""A grant: which actions, in which tenant or subtree, service path, entity types and attributes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

SUBTREE = "/#"
"""The end of a tenant or service path that means what lies below it too."""

EVERY = ("*",)
OVERSEE = "oversee"
"""The action that reaches down the tree: to see who may do what in a tenant, and what was done."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Which actions a caller may do, in which tenant, service path (`/#`: the subtree), entity types and attributes.

    The tenant is a name, empty for the default tenant, `*` for all, or `name/#` for a tenant and those below it in
    the tree; in those below it holds as far as they let it (`inherits`).
    """

    tenant: str
    actions: tuple[str, ...]
    path: str = SUBTREE
    types: tuple[str, ...] = EVERY
    attributes: tuple[str, ...] = EVERY

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Grant":
        """Read a grant as tokens and stores carry it. Raises KeyError, TypeError."""
        return cls(
            tenant=str(document["tenant"]),
            actions=tuple(document["actions"]),
            path=str(document.get("path", SUBTREE)),
            types=tuple(document.get("types", EVERY)),
            attributes=tuple(document.get("attributes", EVERY)),
        )

    @property
    def document(self) -> dict[str, Any]:
        """The grant as tokens and stores carry it."""
        written = {"tenant": self.tenant, "path": self.path, "types": list(self.types), "actions": list(self.actions)}
        return written if self.attributes == EVERY else {**written, "attributes": list(self.attributes)}

    def covers(self, action: str, tenant: str, path: str, entity_type: str = "*") -> bool:
        """Tell whether the grant reaches an action on a service path, which may itself end in `/#`.

        Without an entity type the action concerns all of them, which only a grant over all types and attributes
        reaches.
        """
        return (
            self.allows(action, tenant, path)
            and ("*" in self.types or entity_type in self.types)
            and "*" in self.attributes
        )

    def allows(self, action: str, tenant: str, path: str) -> bool:
        """Tell whether the grant reaches an action on a service path for some types and attributes."""
        return (
            self.tenant in ("*", tenant, tenant + SUBTREE)
            and ("*" in self.actions or action in self.actions)
            and covers(self.path, path)
        )

    def within(self, tenant: str, lineage: Collection[str], inherits: Collection[str]) -> "Grant":
        """Return the grant as it holds in a tenant: one over a subtree becomes one in the tenant.

        `lineage` names the tenant and those above it; `inherits` are the actions that the tenant lets a grant from
        above do in it; who administers above may oversee it. A grant that is about another tenant comes back as it is.
        """
        if not self.tenant.endswith(SUBTREE) or self.tenant.removesuffix(SUBTREE) not in lineage:
            return self
        if self.tenant.removesuffix(SUBTREE) == tenant:
            return replace(self, tenant=tenant)
        return replace(self, tenant=tenant, actions=_reaching(self.actions, inherits))


def covers(pattern: str, path: str) -> bool:
    """Tell whether a service path (`/a`, or `/a/#`: it and all below) covers another, which may itself end in `/#`."""
    if pattern == SUBTREE:
        return True
    if not pattern.endswith(SUBTREE):
        return path == pattern
    base = pattern.removesuffix(SUBTREE)
    return path.removesuffix(SUBTREE) == base or path.startswith(base + "/")


def resolved(grants: Iterable[Grant], tenant: str, lineage: Collection[str], inherits: Collection[str]) -> list[Grant]:
    """Return grants as they hold in a tenant."""
    return [grant.within(tenant, lineage, inherits) for grant in grants]


def _reaching(actions: tuple[str, ...], inherits: Collection[str]) -> tuple[str, ...]:
    if "*" in actions:
        return (OVERSEE, *inherits)
    reaching = tuple(action for action in actions if action in inherits)
    return (OVERSEE, *reaching) if {"admin", OVERSEE} & set(actions) else reaching
