"""Use cases of cost sharing: keep plans and invoices, divide, settle, and try out what a change would cost."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.billing import store
from services.auth.billing.documents import SharesJson, shares_document
from services.auth.billing.invoice import Cost, Invoice
from services.auth.billing.plan import Member, Plan
from services.auth.billing.shares import USES, Known, divide
from services.auth.metering.amounts import Period
from services.auth.metering.reach import seen_tenants
from services.auth.metering.store import tenants_below, totals
from services.auth.operations.auth import Auth
from services.auth.store.database import transaction
from services.auth.store.reach import EVERYTHING, NOTHING, acting, tell
from services.kernel.errors import BadData, Conflict, NotFound
from services.kernel.identity import Principal


@dataclass(frozen=True, slots=True)
class Change:
    """What is tried out: members that join, each with its figures, members that leave, other costs."""

    joining: Sequence[tuple[Member, Known]] = ()
    leaving: Collection[str] = ()
    costs: Sequence[Cost] | None = None


async def put_plan(auth: Auth, principal: Principal, name: str, plan: Plan) -> bool:
    """Create or change a plan and tell whether it is new. Its tenants are the owner and those below it.

    Settled invoices keep the plan by which they were settled. Raises NotAllowed, BadData.
    """
    principal.require("admin", plan.owner)
    async with transaction(auth.engine, acting().also("bill")) as connection:
        await _refuse_strangers(connection, principal, plan)
        present = await store.find_plan(connection, name)
        if present is not None:
            principal.require("admin", present.owner)
        return await store.put_plan(connection, name, plan, auth.clock())


async def list_plans(auth: Auth, principal: Principal) -> dict[str, Plan]:
    """Return the plans of which the caller oversees the owner or a member. Raises NotAllowed."""
    async with transaction(auth.engine) as connection:
        seen = await seen_tenants(connection, principal, ())
        await tell(connection, EVERYTHING if seen is None else NOTHING.and_of(*seen))
        found = await store.plans(connection)
    return {name: plan for name, plan in found.items() if _concerns(plan, seen)}


async def show_plan(auth: Auth, principal: Principal, name: str) -> Plan:
    """Return a plan. Raises NotFound, NotAllowed."""
    async with transaction(auth.engine, acting().also("bill")) as connection:
        return await _readable_plan(connection, principal, name)


async def remove_plan(auth: Auth, principal: Principal, name: str) -> None:
    """Delete a plan that no invoice names. Raises NotFound, NotAllowed, Conflict."""
    async with transaction(auth.engine, acting().also("bill")) as connection:
        await _own_plan(connection, principal, name)
        await store.remove_plan(connection, name)


async def put_invoice(auth: Auth, principal: Principal, number: str, invoice: Invoice) -> bool:
    """Create or change an invoice and tell whether it is new. Raises NotFound, NotAllowed, Conflict once settled."""
    async with transaction(auth.engine, acting().also("bill")) as connection:
        await _own_plan(connection, principal, invoice.plan)
        present = await store.find_invoice(connection, number, for_update=True)
        if present is not None:
            await _own_plan(connection, principal, present.invoice.plan)
            _refuse_settled(present)
        await store.put_invoice(connection, number, invoice, auth.clock())
        return present is None


async def list_invoices(auth: Auth, principal: Principal) -> list[store.KeptInvoice]:
    """Return the invoices of the plans that the caller may see, the latest first. Raises NotAllowed."""
    names = list(await list_plans(auth, principal))
    async with transaction(auth.engine, acting().also("bill")) as connection:
        return await store.invoices(connection, names)


async def remove_invoice(auth: Auth, principal: Principal, number: str) -> None:
    """Delete an invoice that is not settled. Raises NotFound, NotAllowed, Conflict."""
    async with transaction(auth.engine, acting().also("bill")) as connection:
        kept = await _found(connection, number)
        await _own_plan(connection, principal, kept.invoice.plan)
        _refuse_settled(kept)
        await store.remove_invoice(connection, number)


async def show_shares(auth: Auth, principal: Principal, number: str) -> SharesJson:
    """Return shares as they were settled, or as they would be now. Raises NotFound, NotAllowed, BadData."""
    async with transaction(auth.engine, acting().also("bill")) as connection:
        kept = await _found(connection, number)
        plan = await _readable_plan(connection, principal, kept.invoice.plan)
        if kept.settlement is not None:
            return SharesJson.model_validate(kept.settlement)
        known = await _known(connection, plan, kept.invoice)
    return await _shares(number, kept.invoice, plan, known)


async def settle(auth: Auth, principal: Principal, number: str) -> SharesJson:
    """Divide an invoice for good; what it was divided by is kept with it. Raises NotFound, NotAllowed, Conflict."""
    async with transaction(auth.engine, acting().also("bill")) as connection:
        kept = await _found(connection, number)
        plan = await _own_plan(connection, principal, kept.invoice.plan)
        _refuse_settled(kept)
        known = await _known(connection, plan, kept.invoice)
        now = auth.clock()
        shares = (await _shares(number, kept.invoice, plan, known)).model_copy(update={"settled_at": now})
        await store.settle(connection, number, shares.model_dump(mode="json"), now)
    return shares


async def try_out(auth: Auth, principal: Principal, number: str, change: Change) -> tuple[SharesJson, SharesJson]:
    """Return an invoice's shares as they are and as a change would make them; nothing is kept.

    Raises NotFound, NotAllowed, BadData.
    """
    async with transaction(auth.engine, acting().also("bill")) as connection:
        kept = await _found(connection, number)
        plan = await _readable_plan(connection, principal, kept.invoice.plan)
        known = await _known(connection, plan, kept.invoice)
    before = await _shares(number, kept.invoice, plan, known)
    invoice = kept.invoice if change.costs is None else kept.invoice.model_copy(update={"costs": change.costs})
    joining = {member.tenant: member for member, _ in change.joining}
    present = [member for member in plan.members if member.tenant not in {*joining, *change.leaving}]
    members = [*present, *joining.values()]
    if not members:
        raise BadData("Somebody must take part", field="leaving")
    changed = {**known, **{member.tenant: figures for member, figures in change.joining}}
    return before, await _shares(number, invoice, plan.model_copy(update={"members": members}), changed)


async def _shares(number: str, invoice: Invoice, plan: Plan, known: Mapping[str, Known]) -> SharesJson:
    """Divide in a thread of its own: many members by many costs take seconds."""

    def work() -> SharesJson:
        return shares_document(number, invoice, plan, known, divide(invoice, plan, known))

    return await asyncio.to_thread(work)


async def _known(connection: AsyncConnection, plan: Plan, invoice: Invoice) -> dict[str, Known]:
    period = Period(invoice.since, invoice.until)
    kinds = list(dict.fromkeys((*USES, *plan.kinds)))
    await tell(connection, acting().also("bill").and_of(*plan.names))
    used = await totals(connection, period, plan.names, kinds)
    known = await store.known_tenants(connection, plan.names)
    return {name: replace(known.get(name, Known()), use=used[name]) for name in plan.names}


async def _found(connection: AsyncConnection, number: str) -> store.KeptInvoice:
    kept = await store.find_invoice(connection, number, for_update=True)
    if kept is None:
        raise NotFound(f"Invoice {number} does not exist")
    return kept


async def _own_plan(connection: AsyncConnection, principal: Principal, name: str) -> Plan:
    plan = await store.find_plan(connection, name)
    if plan is None:
        raise NotFound(f"Plan {name} does not exist", field="plan")
    principal.require("admin", plan.owner)
    return plan


async def _readable_plan(connection: AsyncConnection, principal: Principal, name: str) -> Plan:
    plan = await store.find_plan(connection, name)
    if plan is None:
        raise NotFound(f"Plan {name} does not exist", field="plan")
    if not _concerns(plan, await seen_tenants(connection, principal, ())):
        raise principal.refusal("oversee", plan.owner, "/#")
    return plan


async def _refuse_strangers(connection: AsyncConnection, principal: Principal, plan: Plan) -> None:
    """Refuse tenants beside the owner's subtree, whose figures are not the owner's to see."""
    if any(grant.covers("admin", "*", "/#") for grant in principal.grants):
        missing = sorted(set(plan.names) - set(await store.known_tenants(connection, plan.names)))
        words = "does not exist"
    else:
        missing = sorted(set(plan.names) - set(await tenants_below(connection, [plan.owner])))
        words = f"is not below {plan.owner}"
    if missing:
        raise BadData(f"Tenant {missing[0]} {words}", field="members")


def _concerns(plan: Plan, seen: Iterable[str] | None) -> bool:
    return seen is None or not {plan.owner, *plan.names}.isdisjoint(seen)


def _refuse_settled(kept: store.KeptInvoice) -> None:
    if kept.settled_at is not None:
        raise Conflict(f"Invoice {kept.number} is settled")
