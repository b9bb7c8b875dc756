"""What one process has to record, gathered in memory until it is chained."""

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias

from services.kernel.audit.chain import Act
from services.kernel.clock import Clock, system_clock, to_iso
from services.kernel.telemetry import correlator

Access = Literal["read", "write"]
AccessKey: TypeAlias = tuple[str, str, str, str]
"""Tenant, client, access and entity type."""
_MOST_ACTS: Final = 5000
_MOST_REFUSALS: Final = 100
_LONGEST_TARGET: Final = 500

origin: ContextVar[tuple[str, str] | None] = ContextVar("origin", default=None)
"""Tenant and client of the request that is being answered; None for what the service does by itself."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did or was refused what, where: a route, answered with a status."""

    actor: str
    action: str
    target: str
    status: int
    tenant: str


class Trail:
    """Gathers; equal deeds that come between two looks are one act with a count."""

    def __init__(self, clock: Clock = system_clock) -> None:
        self._clock = clock
        self._acts: dict[tuple[object, ...], Act] = {}
        self._refusals: dict[tuple[object, ...], Act] = {}
        self._access: dict[AccessKey, int] = {}

    def note(self, deed: Deed) -> None:
        """Note an act or a refusal. Refusals of one route are one act, whatever they were about.

        Who is refused can make up tenants and routes: beyond a hundred different refusals only their status is noted.
        """
        is_refusal = deed.status >= 400
        gathered, most = (self._refusals, _MOST_REFUSALS) if is_refusal else (self._acts, _MOST_ACTS)
        if len(gathered) >= most:
            deed = Deed("", "further refusals" if is_refusal else "further acts", "", deed.status, "")
        target = "" if is_refusal else deed.target
        key = (deed.actor, deed.action, target, deed.status, deed.tenant)
        before = gathered.get(key)
        if before is not None:
            gathered[key] = replace(before, count=before.count + 1)
            return
        gathered[key] = Act(
            at=to_iso(self._clock()),
            actor=plain(deed.actor, 100),
            action=plain(deed.action, 200),
            target=plain(deed.target, _LONGEST_TARGET),
            status=deed.status,
            tenant=deed.tenant,
            correlator=plain(correlator.get(), 100),
        )

    def note_access(self, access: Access, types: Iterable[str]) -> None:
        """Note that the client of the request reads or writes entities of some types, an entity each."""
        asked = origin.get()
        if asked is not None:
            tenant, client = asked
            counts = self._access
            for each in types:
                key = (tenant, client, access, each)
                counts[key] = counts.get(key, 0) + 1

    def take_acts(self) -> list[Act]:
        """Return the acts, and begin anew."""
        acts = [*self._acts.values(), *self._refusals.values()]
        self._acts, self._refusals = {}, {}
        return acts

    def take_access(self) -> dict[AccessKey, int]:
        """Return how often which client read or wrote which types, and begin anew."""
        access, self._access = self._access, {}
        return access


def access_act(hour: datetime, key: AccessKey, count: int) -> Act:
    """Return the record of an hour's reads or writes of a type by a client."""
    tenant, client, access, entity_type = key
    target = plain(entity_type, _LONGEST_TARGET)
    return Act(to_iso(hour), plain(client, 100), f"{access} entities", target, 200, tenant, count=count)


def plain(text: object, longest: int) -> str:
    """Return a text as it can be stored: what is not printable is shown by its code."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in str(text))[:longest]
