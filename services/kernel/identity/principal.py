"""The caller: a client, perhaps acting for a user, with its grants."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from services.kernel.errors import NotAllowed
from services.kernel.identity.assurance import Assurance
from services.kernel.identity.grant import SUBTREE, Grant, resolved


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller: a client, perhaps acting for a user, with its grants and the assurance of who it is.

    `ial` and `aal` are the levels of identity proofing and authentication (0: none told). `revision` is the position
    of the policy feed at which the token was issued, None for one that carries none. `token_id` names the token and
    `authorization_id` what the person let the client do, of which it came; each can end before the token expires.
    `service` is the provided service that the client belongs to, empty for none, with the `purposes` it may state.
    """

    subject: str
    client_id: str
    grants: tuple[Grant, ...]
    ial: int = 0
    aal: int = 0
    revision: int | None = None
    token_id: str = ""
    authorization_id: str = ""
    service: str = ""
    purposes: tuple[str, ...] = ()
    reaches_down: bool = field(init=False, compare=False)
    """Whether a grant is over a subtree of tenants, so that `within` makes a difference."""
    _by_tenant: Mapping[str, tuple[Grant, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the grants by their tenants, so that a decision looks at those that may reach it alone."""
        sorted_grants: dict[str, list[Grant]] = {}
        for grant in self.grants:
            sorted_grants.setdefault(grant.tenant, []).append(grant)
        by_tenant = MappingProxyType({name: tuple(grants) for name, grants in sorted_grants.items()})
        object.__setattr__(self, "_by_tenant", by_tenant)
        object.__setattr__(self, "reaches_down", any(name.endswith(SUBTREE) for name in by_tenant))

    @property
    def assurance(self) -> Assurance:
        """How surely the caller is known and has signed in."""
        return Assurance(self.ial, self.aal)

    @property
    def acts_for_itself(self) -> bool:
        """Tell whether the token is the client's own, not one of a person's."""
        return self.subject == self.client_id

    def grants_in(self, tenant: str) -> tuple[Grant, ...]:
        """Return the grants that may reach a tenant, without those over a subtree above it."""
        found = self._by_tenant
        return found.get(tenant, ()) + found.get(tenant + SUBTREE, ()) + found.get("*", ())

    def require(self, action: str, tenant: str, paths: Iterable[str] = ("/#",), types: Iterable[str] = ("*",)) -> None:
        """Refuse unless every service path is granted, for every entity type concerned. Raises NotAllowed."""
        kinds = tuple(types)
        for path in paths:
            for kind in kinds:
                if not any(grant.covers(action, tenant, path, kind) for grant in self.grants_in(tenant)):
                    raise self.refusal(action, tenant, path, kind)

    def require_some(self, action: str, tenant: str, paths: Collection[str]) -> None:
        """Refuse unless every service path is granted for some entity types and attributes. Raises NotAllowed.

        Without a path some grant must allow the action anywhere in the tenant.
        """
        if not paths and not any(grant.allows(action, tenant, grant.path) for grant in self.grants_in(tenant)):
            raise self.refusal(action, tenant, SUBTREE)
        for path in paths:
            if not any(grant.allows(action, tenant, path) for grant in self.grants_in(tenant)):
                raise self.refusal(action, tenant, path)

    def is_unlimited(self, action: str, tenant: str) -> bool:
        """Tell whether one grant reaches everything in a tenant for an action."""
        return any(grant.covers(action, tenant, SUBTREE) for grant in self.grants_in(tenant))

    def within(self, tenant: str, lineage: Collection[str], inherits: Collection[str]) -> "Principal":
        """Return the caller with its grants as they hold in a tenant; `lineage` and `inherits` as in `Grant.within`."""
        above = [grant for name in lineage if name != tenant for grant in self._by_tenant.get(name + SUBTREE, ())]
        return replace(self, grants=tuple(resolved((*self.grants_in(tenant), *above), tenant, lineage, inherits)))

    def refusal(self, action: str, tenant: str, path: str, kind: str = "*") -> NotAllowed:
        """Return the error that says what is not granted."""
        where = f"tenant {tenant or '(default)'}, service path {path}"
        what = where if kind == "*" else f"{where}, type {kind}"
        return NotAllowed(f"Client {self.client_id} has no grant to {action} in {what}")


OPEN = Principal("anonymous", "anonymous", (Grant("*", ("*",)),))
"""The caller without a token in the open local profile."""
