"""Searches over decisions (OpenID AuthZEN 1.0, 8): who may do it, where it may be done, what may be done."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.access import ACTIONS
from services.auth.domain.tenant import TenantFilter
from services.auth.operations.auth import Auth
from services.auth.operations.decisions import Subject, decided, evaluate, may_ask, principal_of
from services.auth.store import clients, device_keys, people, tenants
from services.auth.store.database import transaction
from services.auth.store.reach import NOTHING
from services.kernel.errors import NotAllowed
from services.kernel.identity import Principal
from services.kernel.identity.decision import Question
from services.kernel.paging import Page
from services.kernel.tenancy import fold_name

Listing = Callable[[AsyncConnection, Page], Awaitable[tuple[list[str], int]]]


@dataclass(frozen=True, slots=True)
class Found:
    """What one page of candidates gave; `next` is where to go on, None at the end."""

    ids: list[str]
    next: int | None = None


async def search_subjects(auth: Auth, caller: Principal, kind: str, question: Question, part: Page) -> Found:
    """Return which of one page of the subjects of a kind may do something. Raises NotAllowed."""
    name = fold_name(question.tenant, "resource.id")
    if not may_ask(caller, Subject(kind, ""), name):
        raise NotAllowed(f"Client {caller.client_id} does not oversee tenant {name}")
    found = []
    async with transaction(auth.engine, NOTHING.also("decide")) as connection:
        tenant = await tenants.find(connection, name)
        ids, total = await _LISTINGS[kind](connection, part)
        for subject_id in ids if tenant is not None and tenant.status == "active" else ():
            principal = await principal_of(auth, connection, Subject(kind, subject_id))
            if principal is not None and tenant is not None:
                decision = await decided(auth, connection, principal, tenant, replace(question, tenant=name))
                if decision.is_allowed:
                    found.append(subject_id)
    return Found(found, _next(part, total))


async def search_resources(auth: Auth, caller: Principal, subject: Subject, question: Question, part: Page) -> Found:
    """Return in which of one page of the tenants a subject may do something, as far as the caller may ask."""
    found = []
    async with transaction(auth.engine, NOTHING.also("decide")) as connection:
        listed, total = await tenants.page(connection, TenantFilter(), part)
        principal = await principal_of(auth, connection, subject)
        for tenant in listed if principal is not None else ():
            if principal is not None and tenant.status == "active" and may_ask(caller, subject, tenant.name):
                asked = replace(question, tenant=tenant.name)
                if (await decided(auth, connection, principal, tenant, asked)).is_allowed:
                    found.append(tenant.name)
    return Found(found, _next(part, total))


async def search_actions(auth: Auth, caller: Principal, subject: Subject, question: Question) -> Found:
    """Return the actions that a subject may do in a tenant. Raises NotAllowed."""
    asked = [replace(question, action=action) for action in ACTIONS]
    return Found([each.action for each in asked if (await evaluate(auth, caller, subject, each)).is_allowed])


def _next(part: Page, total: int) -> int | None:
    reached = part.offset + part.limit
    return reached if reached < total else None


async def _clients(connection: AsyncConnection, part: Page) -> tuple[list[str], int]:
    listed, total = await clients.page(connection, {"*"}, part)
    return [each.client_id for each in listed], total


async def _users(connection: AsyncConnection, part: Page) -> tuple[list[str], int]:
    listed, total = await people.page(connection, {"*"}, part)
    return [each.user_id for each in listed], total


async def _device_keys(connection: AsyncConnection, part: Page) -> tuple[list[str], int]:
    listed, total = await device_keys.page(connection, {"*"}, part)
    return [each.key_id for each in listed], total


_LISTINGS: Mapping[str, Listing] = {"client": _clients, "user": _users, "device_key": _device_keys}
