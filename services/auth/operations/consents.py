"""Use cases of consent: given and withdrawn by the person, or by who holds the data, at once and with a receipt."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.consent import FIRST, Consent, ConsentWish, Kind, Receipt, broken_at, read_subject, receipt_of
from services.auth.domain.data_class import read_classes
from services.auth.domain.tenant import Tenant, read_name
from services.auth.operations.access_rules import set_access
from services.auth.operations.auth import Auth
from services.auth.store import consents as store
from services.auth.store import provided_services, tenants
from services.auth.store.database import transaction
from services.auth.store.reach import acting
from services.kernel.errors import BadData, NotAllowed, NotFound
from services.kernel.identity import Principal
from services.kernel.identity.rules import ClassRule

MOST_RECEIPTS = 1000


async def put_classes(auth: Auth, principal: Principal, name: str, classes: Sequence[ClassRule]) -> None:
    """Set the legal classes of a tenant's attributes; in effect within a second. Raises NotFound, BadData."""
    name = read_name(name)
    principal.require("admin", name)
    documents = [asdict(each) for each in read_classes(classes)]
    async with transaction(auth.engine) as connection:
        await set_access(connection, name, {"classes": documents}, auth.clock())


async def classes_of(auth: Auth, principal: Principal, name: str) -> list[dict[str, Any]]:
    """Return the legal classes of a tenant's attributes. Raises NotFound, NotAllowed."""
    name = read_name(name)
    principal.require("admin", name)
    async with transaction(auth.engine) as connection:
        return list((await _tenant(connection, name)).access.get("classes", ()))


async def change_consent(auth: Auth, principal: Principal, kind: Kind, wish: ConsentWish) -> Receipt:
    """Give or withdraw consent and return the receipt. Raises NotFound, BadData, NotAllowed."""
    wish = replace(wish, tenant=read_name(wish.tenant), subject=read_subject(wish.subject))
    _authorise(principal, wish.tenant, wish.subject)
    now = auth.clock()
    async with transaction(auth.engine, acting().and_of(wish.tenant).also("decide")) as connection:
        position = await store.lock(connection)
        tenant = await _tenant(connection, wish.tenant)
        if kind == "given":
            await _refuse_unfit_service(connection, wish)
        wish = replace(wish, attributes=_items(tenant, wish))
        await store.put(connection, _consents(kind, wish, now), position)
        receipt = receipt_of(kind, wish, principal.subject, now, await store.last_receipt(connection, wish.tenant))
        await store.add_receipt(connection, receipt)
    return receipt


async def withdraw_from_service(connection: AsyncConnection, service_id: str, by: str, now: datetime) -> None:
    """Withdraw all that a service has consent to: it is being deleted, and its name may be taken again."""
    position = await store.lock(connection)
    for each in await store.given_to(connection, service_id):
        wish = ConsentWish(each.tenant, each.subject, service_id, each.purpose, each.type, (each.attribute,))
        await store.put(connection, _consents("withdrawn", wish, now), position)
        position += 1
        receipt = receipt_of("withdrawn", wish, by, now, await store.last_receipt(connection, each.tenant))
        await store.add_receipt(connection, receipt)


async def consents_of(auth: Auth, principal: Principal, name: str, subject: str) -> list[Consent]:
    """Return the consents of a person, withdrawn ones too, the oldest change first. Raises NotFound, NotAllowed."""
    name = read_name(name)
    _authorise(principal, name, subject)
    async with transaction(auth.engine, acting().and_of(name)) as connection:
        await _tenant(connection, name)
        return await store.of_subject(connection, name, subject)


async def receipts_of(auth: Auth, principal: Principal, name: str, after: int, most: int) -> list[Receipt]:
    """Return receipts of a tenant after one, in their order. Raises NotFound, NotAllowed."""
    name = read_name(name)
    principal.require("admin", name)
    async with transaction(auth.engine) as connection:
        await _tenant(connection, name)
        return await store.receipts_after(connection, name, after, most)


async def verify_receipts(auth: Auth, principal: Principal, name: str) -> tuple[int, int | None]:
    """Return how many receipts a tenant has, and the first that breaks the chain, if any. Raises NotFound."""
    reached = (0, FIRST)
    while True:
        found = await receipts_of(auth, principal, name, reached[0], MOST_RECEIPTS)
        broken = broken_at(found, reached)
        if broken is not None or not found:
            return reached[0], broken
        reached = (found[-1].number, found[-1].hash)


def _consents(kind: Kind, wish: ConsentWish, now: datetime) -> list[Consent]:
    return [
        Consent(wish.tenant, wish.subject, wish.service, wish.purpose, wish.type, attribute, kind == "given", now)
        for attribute in wish.attributes
    ]


def _items(tenant: Tenant, wish: ConsentWish) -> tuple[str, ...]:
    """Return the attributes that a wish is about: those of the type that take consent. Raises BadData."""
    classes = [ClassRule(**each) for each in tenant.access.get("classes", ()) if each["type"] == wish.type]
    taking = tuple(each.attribute for each in classes if each.takes_consent)
    wanted = taking if wish.attributes == ("*",) else tuple(dict.fromkeys(wish.attributes))
    for attribute in wanted:
        if attribute not in taking:
            known = {each.attribute: each.legal_class for each in classes}
            reason = f"is {known[attribute]}, which no consent is about" if attribute in known else "has no legal class"
            raise BadData(f"{attribute} of {wish.type} {reason}", field="attributes")
    if not wanted:
        raise BadData(f"{wish.type} has no attributes that take consent", field="type")
    return wanted


async def _refuse_unfit_service(connection: AsyncConnection, wish: ConsentWish) -> None:
    service = await provided_services.find(connection, wish.service)
    if service is None or service.status == "ended":
        raise BadData(f"Service {wish.service} does not exist", field="service")
    if wish.purpose not in service.purposes:
        raise BadData(f"Service {wish.service} has no purpose {wish.purpose}", field="purpose")


async def _tenant(connection: AsyncConnection, name: str) -> Tenant:
    found = await tenants.find(connection, name)
    if found is None:
        raise NotFound(f"Tenant {name} does not exist")
    return found


def _authorise(principal: Principal, tenant: str, subject: str) -> None:
    """Let the person itself, and who holds all of the tenant's data, see and change consents."""
    holds = any(
        grant.covers(action, tenant, "/#") for grant in principal.grants_in(tenant) for action in ("hold", "admin")
    )
    if principal.subject != subject and not holds:
        raise NotAllowed(f"Only the person, and who holds the data of tenant {tenant}, decides over consents")
