"""A query over several tenants: put to each as an NGSI-LD query, answered together."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from services.broker.http.admission import Asked, admit
from services.broker.http.face import PURPOSE, Call
from services.broker.http.request import Request
from services.broker.ngsild.query import query_entities
from services.broker.operations.broker import Broker
from services.kernel.errors import NotAllowed, NotAuthenticated, TooComplex, UnknownTenant
from services.kernel.identity import OPEN, Principal
from services.kernel.telemetry import Receive, Scope
from services.kernel.tenancy.open_data import everybody

MOST_TENANTS: Final = 200
_AT_ONCE: Final = 4
_TEMPLATE: Final = "/ngsi-ld/v1/entities"
_NOT_HANDED_ON: Final = frozenset({b"accept", b"fiware-service", b"ngsild-tenant", b"fiware-servicepath"})


@dataclass(frozen=True, slots=True)
class Question:
    """An NGSI-LD query (5.7.2) over tenants: its parameters, and the HTTP request that carries it.

    `parameters` has neither `limit` nor `offset`: of each tenant the first `most` entities are wanted.
    """

    scope: Scope
    receive: Receive
    parameters: Mapping[str, str]
    most: int

    def request(self) -> Request:
        """Return the request to put to one tenant: for all that is wanted, and for the number of all."""
        part = {"limit": str(self.most), "count": "true", "local": "true"}
        headers = [(name, value) for name, value in self.scope["headers"] if name not in _NOT_HANDED_ON]
        query = urlencode({**self.parameters, **part}).encode()
        scope = {**self.scope, "path": _TEMPLATE, "raw_path": _TEMPLATE.encode(), "query_string": query}
        return Request({**scope, "headers": headers}, self.receive)


@dataclass(frozen=True, slots=True)
class Findings:
    """What one tenant has: the first entities as NGSI-LD shows them, and how many there are."""

    tenant: str
    entities: Sequence[Any]
    count: int


async def readable_tenants(broker: Broker, principal: Principal | None) -> list[str]:
    """Return the tenants of which the caller may read something, by name. None: everybody, without a token."""
    names = [tenant.name for tenant in await broker.tenants.all() if tenant.status == "active"]
    admitted = [name for name in names if await _admitted(broker, principal, name) is not None]
    return sorted(admitted)


async def find_across(
    broker: Broker, principal: Principal | None, names: Sequence[str], asked: Question
) -> list[Findings]:
    """Put a query to tenants and return what each has, in the order of the names. Raises NotAllowed, TooComplex."""
    if len(names) > MOST_TENANTS:
        raise TooComplex(f"A query reaches at most {MOST_TENANTS} tenants, not {len(names)}: name some in `tenants`")
    turn = asyncio.Semaphore(_AT_ONCE)

    async def ask(name: str) -> Findings:
        async with turn:
            return await _ask(broker, principal, name, asked)

    return await asyncio.gather(*map(ask, names))


async def _ask(broker: Broker, principal: Principal | None, name: str, asked: Question) -> Findings:
    request = asked.request()
    admitted = await _admitted(broker, principal, name, request.headers.get(PURPOSE, ""))
    if admitted is None:
        raise NotAllowed(f"Tenant {name} does not let you read", field="tenants")
    own, caller = admitted
    answer = await query_entities(Call(request, [], own, name, caller))
    count = int(dict(answer.headers)["NGSILD-Results-Count"])
    return Findings(name, orjson.loads(answer.body) if answer.body else [], count)


async def _admitted(
    broker: Broker, principal: Principal | None, name: str, purpose: str = ""
) -> tuple[Broker, Principal] | None:
    """Return the broker as the caller has it in a tenant, and who it is there; None where it may read nothing."""
    try:
        caller = principal or await everybody(broker.tenants, name, NotAuthenticated("The request carries no token"))
        if caller is OPEN:
            return broker, caller
        return await admit(broker, caller, Asked(_TEMPLATE, "read", name, (), purpose)), caller
    except (NotAllowed, NotAuthenticated, UnknownTenant):
        return None
