"""Whose rows a transaction reaches: row-level security holds every statement to it, whatever its WHERE says.

A process reaches nothing until a route says who acts (`act`). Work that cannot be about one tenant's rows, like signing
somebody in, names its purpose instead, which opens the few tables that it is about.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kernel.identity import Principal
from services.kernel.identity.grant import OVERSEE, SUBTREE

Purpose = Literal["identify", "decide", "tell", "withdraw", "record", "meter", "bill"]
"""`identify`: who somebody is, at sign-in and at the token endpoint. `decide`: what somebody may do. `tell`: the feed
of consents. `withdraw`: consents to a service that is deleted. `record`: the audit log. `meter`: the books of usage.
`bill`: plans and invoices by their names. Migration 0015 says which tables each one opens.
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """The tenants (`*`: all) whose rows a transaction may see and change, and what it is for besides."""

    tenants: frozenset[str] = frozenset()
    purposes: frozenset[Purpose] = frozenset()

    def also(self, purpose: Purpose) -> "Reach":
        """Return the reach with a purpose more."""
        return replace(self, purposes=self.purposes | {purpose})

    def and_of(self, *tenants: str) -> "Reach":
        """Return the reach with the rows of some tenants more."""
        return replace(self, tenants=self.tenants | frozenset(tenants))


NOTHING: Final = Reach()
EVERYTHING: Final = Reach(frozenset("*"))
_ACTIONS = ("admin", OVERSEE, "hold")
_acting: ContextVar[Reach] = ContextVar("reach", default=NOTHING)
_TELL = text(
    "select set_config('hiroba.tenants', cast(cast(:tenants as text[]) as text), true),"
    " set_config('hiroba.purposes', cast(cast(:purposes as text[]) as text), true)"
)


def acting() -> Reach:
    """Return whose rows the request that is served reaches."""
    return _acting.get()


def act(reach: Reach) -> None:
    """Let the rest of the request that is served reach the rows of some tenants."""
    _acting.set(reach)


@contextmanager
def reaching(reach: Reach) -> Iterator[None]:
    """Let a block reach what it is told, and afterwards what it did before."""
    token = _acting.set(reach)
    try:
        yield
    finally:
        _acting.reset(token)


def reach_of(principal: Principal) -> Reach:
    """Return what a caller reaches: tenants that it administers, oversees or holds the data of, as a whole.

    The hub's own services (`report` everywhere) also read what decisions are made from.
    """
    tenants = frozenset(
        grant.tenant.removesuffix(SUBTREE)
        for grant in principal.grants
        if any(grant.covers(action, grant.tenant, SUBTREE) for action in _ACTIONS)
    )
    reach = Reach(tenants)
    return reach.also("decide") if principal.is_unlimited("report", "*") else reach


async def tell(connection: AsyncConnection, reach: Reach) -> None:
    """Tell PostgreSQL whose rows the rest of a transaction reaches. It ends with the transaction."""
    parameters = {"tenants": sorted(reach.tenants), "purposes": sorted(reach.purposes)}
    await connection.execute(_TELL, parameters)
