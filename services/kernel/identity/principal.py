"""The caller: a client, perhaps acting for a user, with its grants."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from services.kernel.errors import NotAllowed
from services.kernel.identity.grant import SUBTREE, Grant, resolved


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: a client, perhaps acting for a user, with its grants and the assurance of who it is.

    `ial` and `aal` are the levels of identity proofing and authentication (0: none told). `revision` is the position
    of the policy feed at which the token was issued, None for one that carries none.
    """

    subject: str
    client_id: str
    grants: tuple[Grant, ...]
    ial: int = 0
    aal: int = 0
    revision: int | None = None

    def require(self, action: str, tenant: str, paths: Iterable[str] = ("/#",), types: Iterable[str] = ("*",)) -> None:
        """Refuse unless every service path is granted, for every entity type concerned. Raises NotAllowed."""
        kinds = tuple(types)
        for path in paths:
            for kind in kinds:
                if not any(grant.covers(action, tenant, path, kind) for grant in self.grants):
                    raise self.refusal(action, tenant, path, kind)

    def require_some(self, action: str, tenant: str, paths: Collection[str]) -> None:
        """Refuse unless every service path is granted for some entity types and attributes. Raises NotAllowed.

        Without a path some grant must allow the action anywhere in the tenant.
        """
        if not paths and not any(grant.allows(action, tenant, grant.path) for grant in self.grants):
            raise self.refusal(action, tenant, SUBTREE)
        for path in paths:
            if not any(grant.allows(action, tenant, path) for grant in self.grants):
                raise self.refusal(action, tenant, path)

    def is_unlimited(self, action: str, tenant: str) -> bool:
        """Tell whether one grant reaches everything in a tenant for an action."""
        return any(grant.covers(action, tenant, SUBTREE) for grant in self.grants)

    def within(self, tenant: str, lineage: Collection[str], inherits: Collection[str]) -> "Principal":
        """Return the caller with its grants as they hold in a tenant; `lineage` and `inherits` as in `Grant.within`."""
        return replace(self, grants=tuple(resolved(self.grants, tenant, lineage, inherits)))

    @property
    def reaches_down(self) -> bool:
        """Tell whether a grant is over a subtree of tenants, so that `within` makes a difference."""
        return any(grant.tenant.endswith(SUBTREE) for grant in self.grants)

    def refusal(self, action: str, tenant: str, path: str, kind: str = "*") -> NotAllowed:
        """Return the error that says what is not granted."""
        where = f"tenant {tenant or '(default)'}, service path {path}"
        what = where if kind == "*" else f"{where}, type {kind}"
        return NotAllowed(f"Client {self.client_id} has no grant to {action} in {what}")


OPEN = Principal("anonymous", "anonymous", (Grant("*", ("*",)),))
"""The caller without a token in the open local profile."""
