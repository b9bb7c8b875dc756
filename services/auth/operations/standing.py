"""What a client stands for now: its grants, or its service's, and what it uses under agreements.

Every token for a client is made of its standing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.agreement import Agreement
from services.auth.domain.client import Client
from services.auth.domain.common_grants import common_grants
from services.auth.domain.provided_service import ProvidedService
from services.auth.store import provided_services, tenants
from services.auth.tokens.access_token import Bearer
from services.kernel.errors import NotAllowed
from services.kernel.identity import Grant
from services.kernel.identity.assurance import ACR_CLAIM, NOT_ASSURED, Assurance
from services.kernel.identity.grant import covers, resolved
from services.kernel.identity.rules import Rules
from services.kernel.identity.verifier import SERVICE_CLAIM


@dataclass(frozen=True, slots=True)
class Standing:
    """What a client may do, until when at most, and the service that it belongs to with its levels and purposes."""

    grants: tuple[Grant, ...]
    until: datetime | None = None
    assurance: Assurance = NOT_ASSURED
    service: str = ""
    purposes: tuple[str, ...] = ()

    def bearer(self, client_id: str, grants: Sequence[Grant], revision: int) -> Bearer:
        """Return whom a token of the client's own is for, with some of its grants."""
        told = {ACR_CLAIM: self.assurance.acr} if self.assurance != NOT_ASSURED else {}
        levels = self.assurance.ial, self.assurance.aal
        return Bearer(client_id, client_id, grants, revision, *levels, more={**self.claims, **told})

    @property
    def claims(self) -> dict[str, object]:
        """The claims that tell of the client's service; also of a person's token that it gets."""
        if not self.service:
            return {}
        return {SERVICE_CLAIM: {"id": self.service, "purposes": list(self.purposes)}}

    def life_s(self, longest_s: int, now: datetime) -> int:
        """Return how long a token may live, in seconds: not longer than what it stands on."""
        if self.until is None:
            return longest_s
        return max(1, min(longest_s, int((self.until - now).total_seconds())))


async def standing_of(connection: AsyncConnection, client: Client, now: datetime) -> Standing:
    """Return what a client stands for now. Raises NotAllowed for a service that cannot be used now.

    A service's client has what its service has: its data area, and that of others as far as agreements let it; nothing
    else (default deny between providers). Another client has its own grants and its agreements.
    """
    service = await provided_services.service_of(connection, client.client_id)
    refusal = None if service is None else service.refusal(now)
    if refusal is not None:
        raise NotAllowed(refusal)
    service_id = None if service is None else service.service_id
    used = await provided_services.agreements_for(connection, client.client_id, service_id)
    granted, ends = _agreed(used, now)
    if service is None:
        return Standing((*client.grants, *granted), _earliest(ends))
    until = _earliest([*ends, service.ends_at])
    return Standing(
        (service.grant, *granted),
        until,
        service.assurance,
        service.service_id,
        service.purposes,
    )


async def within_service(connection: AsyncConnection, standing: Standing, grants: Sequence[Grant]) -> tuple[Grant, ...]:
    """Return what is left of grants where a client of a service acts for who holds them: what both may do.

    A grant over a tenant's subtree or whole paths reaches into no separated area, here either. Whoever is no service's
    client keeps them all.
    """
    if not standing.service:
        return tuple(grants)
    left: list[Grant] = []
    for name in dict.fromkeys(bound.tenant for bound in standing.grants):
        tenant = await tenants.find(connection, name)
        if tenant is None:
            continue
        bounds = [bound for bound in standing.grants if bound.tenant == name]
        rules = Rules.of({"access": tenant.access})
        for grant in resolved(grants, name, await tenants.lineage(connection, name), tenant.inherits):
            shut = rules.closed_to(grant) if rules is not None else ()
            open_bounds = [bound for bound in bounds if not any(covers(path, bound.path) for path in shut)]
            left += common_grants([grant], open_bounds)
    return tuple(dict.fromkeys(left))


def _agreed(
    used: Sequence[tuple[Agreement, ProvidedService]], now: datetime
) -> tuple[list[Grant], list[datetime | None]]:
    grants: list[Grant] = []
    ends: list[datetime | None] = []
    for agreement, service in used:
        if agreement.holds(now) and service.refusal(now) is None:
            grants.append(agreement.grant(service.area))
            ends += [agreement.ends_at, service.ends_at]
    return grants, ends


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)
