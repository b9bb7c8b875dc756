"""Decisions for others (a policy decision point, OpenID AuthZEN 1.0): by the rules that every service decides by."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.access import ACTIONS
from services.auth.domain.tenant import Tenant
from services.auth.operations.auth import Auth
from services.auth.operations.standing import Standing, standing_of, within_service
from services.auth.store import clients, device_keys, people, tenants
from services.auth.store.database import transaction
from services.auth.store.reach import NOTHING
from services.kernel.errors import NotAllowed
from services.kernel.identity import Principal
from services.kernel.identity.decision import Decision, Question, decide
from services.kernel.identity.grant import OVERSEE
from services.kernel.identity.rules import Rules
from services.kernel.tenancy import fold_name

SUBJECT_KINDS: Final = ("client", "user", "device_key")
RESOURCE_KIND: Final = "tenant"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a decision is about; `aal` is the level of its sign-in, `client` the client through which a user acts."""

    kind: str
    id: str
    aal: int = 0
    client: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision; `refusal` says why the subject or the resource cannot be decided over."""

    decision: Decision | None
    refusal: str | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether it may be done; not where the question was refused."""
        return self.decision is not None and self.decision.is_allowed

    @property
    def reason(self) -> str:
        """Why, in one word of the API: of the policy that decided, or `not_granted`."""
        return self.refusal or (self.decision.reason if self.decision else "not_granted")


async def evaluate(auth: Auth, caller: Principal, subject: Subject, question: Question) -> Answer:
    """Decide whether a subject may do something. Raises NotAllowed for a tenant that the caller does not oversee.

    A caller may always ask about itself.
    """
    name = fold_name(question.tenant, "resource.id")
    async with transaction(auth.engine, NOTHING.also("decide")) as connection:
        tenant = await tenants.find(connection, name)
        if not may_ask(caller, subject, name):
            raise NotAllowed(f"Client {caller.client_id} does not oversee tenant {name}")
        if question.action not in ACTIONS:
            return Answer(None, "unknown_action")
        principal = await principal_of(auth, connection, subject)
        if principal is None:
            return Answer(None, "unknown_subject")
        if tenant is None or tenant.status != "active":
            return Answer(None, "unknown_resource")
        asked = replace(question, tenant=name)
        decision = await decided(auth, connection, principal, tenant, asked)
        if subject.client and decision.reason == "not_granted":
            alone = await principal_of(auth, connection, replace(subject, client=""))
            if alone is not None and (await decided(auth, connection, alone, tenant, asked)).is_allowed:
                return Answer(decision, "beyond_service")
        return Answer(decision)


async def decided(
    auth: Auth, connection: AsyncConnection, principal: Principal, tenant: Tenant, question: Question
) -> Decision:
    """Decide for a subject in a tenant."""
    if principal.reaches_down:
        lineage = await tenants.lineage(connection, tenant.name)
        principal = principal.within(tenant.name, lineage, tenant.inherits)
    return decide(principal, Rules.of({"access": tenant.access}), question, auth.clock())


async def principal_of(auth: Auth, connection: AsyncConnection, subject: Subject) -> Principal | None:
    """Return a subject as a token of now would tell it; None where there is none, or it gets no tokens."""
    now = auth.clock()
    match subject.kind:
        case "client":
            standing = await _standing(connection, subject.id, now)
            if standing is None:
                return None
            levels = standing.assurance
            return _acting(standing, Principal(subject.id, subject.id, standing.grants, levels.ial, levels.aal))
        case "user":
            return await _person(connection, subject, now)
        case _:
            key = await device_keys.find(connection, subject.id)
            if key is None or not key.is_valid(now):
                return None
            return Principal(key.subject, key.subject, key.grants)


async def _person(connection: AsyncConnection, subject: Subject, now: datetime) -> Principal | None:
    """Return a user, with what is left of its grants through a client."""
    user = await people.find(connection, subject.id)
    if user is None or user.status != "active":
        return None
    bindings = await people.bindings_of(connection, subject.id, now)
    grants = tuple(dict.fromkeys(binding.grant for binding in bindings))
    person = Principal(subject.id, subject.client, grants, user.ial, subject.aal)
    if not subject.client:
        return person
    standing = await _standing(connection, subject.client, now)
    if standing is None:
        return None
    return _acting(standing, replace(person, grants=await within_service(connection, standing, grants)))


async def _standing(connection: AsyncConnection, client_id: str, now: datetime) -> Standing | None:
    client = await clients.find(connection, client_id)
    if client is None or client.status != "active":
        return None
    try:
        return await standing_of(connection, client, now)
    except NotAllowed:
        return None


def _acting(standing: Standing, principal: Principal) -> Principal:
    return replace(principal, service=standing.service, purposes=standing.purposes)


def may_ask(caller: Principal, subject: Subject, tenant: str) -> bool:
    """Tell whether a caller may ask what a subject may do in a tenant: about itself, or where it oversees."""
    is_itself = subject.id in (caller.subject, caller.subject.removeprefix("key:"))
    grants = caller.grants_in(tenant)
    return is_itself or any(grant.allows(action, tenant, "/#") for grant in grants for action in (OVERSEE, "admin"))
