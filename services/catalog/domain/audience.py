"""Who reads the catalogue: everybody sees what is public; restricted data sets need a grant for their tenant."""

import dataclasses
from dataclasses import dataclass, field
from functools import lru_cache

from services.catalog.domain.unit import grant_path
from services.kernel.errors import NotAllowed
from services.kernel.identity import Principal
from services.kernel.identity.grant import Grant

EVERY_TENANT = "*"
_ACTION = "publish"


@dataclass(frozen=True, slots=True)
class Reach:
    """A part of the catalogue that a caller looks after: a tenant (`*`: all) and a service path, `/#` for its whole."""

    tenant: str
    path: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose data sets a caller may see beside the public ones: of some tenants, or of all.

    `edits` is what the caller looks after; of that, `sees_hidden` shows the drafts and all else that is not published,
    and of the tenants that the caller reads, the withdrawn ones. `proposer` is the caller whose grants tell which
    working copies are theirs to see.
    """

    tenants: frozenset[str] = frozenset()
    everything: bool = False
    edits: frozenset[Reach] = frozenset()
    sees_hidden: bool = False
    proposer: Principal | None = field(default=None, compare=False)

    def reads(self, tenant: str) -> bool:
        """Tell whether the caller reads a tenant whole, and so what is told of it as a whole."""
        return self.everything or tenant in self.tenants

    def sees_copies(self, tenant: str, unit: str) -> bool:
        """Tell whether the caller sees the working copies of a unit's data sets."""
        return self.proposer is not None and may_propose(self.proposer, tenant, unit)

    def told(self, person: str, tenant: str, unit: str) -> str | None:
        """Return who did something for a unit, None where the caller is not told: oneself and colleagues are."""
        is_oneself = self.proposer is not None and self.proposer.subject == person
        return person if is_oneself or self.sees_copies(tenant, unit) else None

    def with_hidden(self) -> "Audience":
        """Return the audience that sees what is not published, too, where it looks after it."""
        return dataclasses.replace(self, sees_hidden=True)


PUBLIC = Audience()
"""A caller without a token."""


@lru_cache(maxsize=1024)
def audience_of(principal: Principal) -> Audience:
    """Return what a caller may see: a grant counts if it reads a tenant whole, every path and every type."""
    whole = [
        grant.tenant
        for grant in principal.grants
        if grant.covers("read", grant.tenant, "/#") and grant.path == "/#" and "*" in grant.types
    ]
    edits = frozenset(Reach(grant.tenant, grant.path) for grant in principal.grants if _edits(grant))
    return Audience(frozenset(whole), EVERY_TENANT in whole, edits, proposer=principal)


def _edits(grant: Grant) -> bool:
    return grant.covers(_ACTION, grant.tenant, grant.path)


def require_editor(principal: Principal, tenant: str, unit: str) -> None:
    """Refuse a caller who may not publish for a unit of a tenant. Raises NotAllowed."""
    principal.require(_ACTION, tenant, (grant_path(unit),))


def require_writer(principal: Principal, tenant: str, unit: str) -> None:
    """Refuse a caller who may not write all of a unit of a tenant. Raises NotAllowed."""
    principal.require("write", tenant, (grant_path(unit),))


def may_propose(principal: Principal, tenant: str, unit: str) -> bool:
    """Tell whether a caller may write working copies for a unit of a tenant: who may publish for it, or write."""
    paths = (grant_path(unit),)
    for action in (_ACTION, "write"):
        try:
            principal.require(action, tenant, paths)
        except NotAllowed:
            continue
        return True
    return False
