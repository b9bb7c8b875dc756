"""Who reads the catalogue: everybody sees what is public; restricted data sets need a grant for their tenant."""

from dataclasses import dataclass

from services.kernel.identity import Principal


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose data sets a caller may see beside the public ones: of some tenants, or of all; the withdrawn ones too?"""

    tenants: frozenset[str] = frozenset()
    everything: bool = False
    sees_withdrawn: bool = False


PUBLIC = Audience()
"""A caller without a token."""


def audience_of(principal: Principal) -> Audience:
    """Return what a caller may see: a grant counts if it reads a tenant whole, every path and every type."""
    whole = [
        grant.tenant
        for grant in principal.grants
        if grant.covers("read", grant.tenant, "/#") and grant.path == "/#" and "*" in grant.types
    ]
    return Audience(frozenset(whole), everything="*" in whole)
