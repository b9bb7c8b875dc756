"""Routes of cost sharing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.auth.api.service import Caller, Service, refusals
from services.auth.billing import operations
from services.auth.billing.documents import SharesJson
from services.auth.billing.invoice import Cost, Invoice
from services.auth.billing.plan import MOST_MEMBERS, Member, Plan, Rule, TenantName
from services.auth.billing.presets import PRESETS
from services.auth.billing.shares import Known
from services.auth.billing.statement import statement
from services.auth.billing.table import shares_csv
from services.auth.metering.csv_text import MEDIA_TYPE
from services.kernel.errors import NotFound
from services.kernel.metering import Kind

router = APIRouter(prefix="/costs", tags=["Cost sharing"])
TAG = {"name": "Cost sharing", "description": "Invoices in whole yen, plans, and shares that everyone can check"}
_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$"
_CREATED: dict[int | str, dict[str, Any]] = {201: {"description": "Created"}, 200: {"description": "Changed"}}
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"description": "Shares, as JSON or CSV", "content": {"text/csv": {"schema": {"type": "string"}}}}
}
PlanName = Annotated[str, Path(pattern=_NAME, description="Name of the plan", examples=["kagawa-2026"])]
Number = Annotated[str, Path(pattern=_NAME, description="Number of the invoice", examples=["R8-001"])]
Format = Annotated[
    Literal["json", "csv"], Query(alias="format", description="`csv`: a file with every figure, for spreadsheets")
]


class InvoiceJson(Invoice):
    """An invoice as it is kept."""

    number: str
    yen_total: int = Field(description="What all its costs come to")
    settled_at: datetime | None = Field(description="When it was settled")


class Joining(Member):
    """A member that would join, with what is expected of it."""

    population: int | None = Field(None, ge=0, le=200_000_000)
    use: dict[Kind, Annotated[int, Field(ge=0, le=2**62)]] = Field(
        {}, description="Expected use in the period, by kind"
    )


class WhatIf(BaseModel):
    """A change that is tried out."""

    model_config = ConfigDict(extra="forbid")

    joining: list[Joining] = Field([], max_length=MOST_MEMBERS)
    leaving: list[TenantName] = Field([], max_length=MOST_MEMBERS)
    costs: list[Cost] | None = Field(None, min_length=1, max_length=100, description="Other costs than the invoice's")


class WhatIfAnswer(BaseModel):
    """What everybody would bear, now and after the change."""

    before: dict[str, int]
    after: dict[str, int]
    difference: dict[str, int]
    shares: SharesJson = Field(description="The shares after the change, with every figure")


@router.get("/presets", summary="List the schemes in use", responses=refusals(401))
async def list_presets(caller: Caller) -> dict[str, list[Rule]]:
    """Return the rules of the schemes in use, to be put into a plan: tochigi, fukushima, tottori, harp."""
    return {name: make() for name, make in PRESETS.items()}


@router.get("/plans", summary="List plans", responses=refusals(401, 403))
async def list_plans(service: Service, caller: Caller) -> dict[str, Plan]:
    """Return the plans of which the caller oversees the owner or a member, by name."""
    return await operations.list_plans(service, caller)


@router.put("/plans/{name}", summary="Create or change a plan", responses={**refusals(401, 403), **_CREATED})
async def put_plan(service: Service, caller: Caller, name: PlanName, plan: Plan, response: Response) -> Plan:
    """Keep a plan. Needs `admin` in its owner; its members lie below the owner in the tree.

    Settled invoices stay as they were settled.
    """
    if await operations.put_plan(service, caller, name, plan):
        response.status_code = 201
    return plan


@router.get("/plans/{name}", summary="Show a plan", responses=refusals(401, 403, 404))
async def show_plan(service: Service, caller: Caller, name: PlanName) -> Plan:
    """Return a plan to who oversees its owner or one of its members."""
    return await operations.show_plan(service, caller, name)


@router.delete("/plans/{name}", status_code=204, summary="Delete a plan", responses=refusals(401, 403, 404, 409))
async def delete_plan(service: Service, caller: Caller, name: PlanName) -> None:
    """Delete a plan that no invoice names. Needs `admin` in its owner."""
    await operations.remove_plan(service, caller, name)


@router.get("/invoices", summary="List invoices", responses=refusals(401, 403))
async def list_invoices(service: Service, caller: Caller) -> list[InvoiceJson]:
    """Return the invoices of the plans that the caller may see, the latest first."""
    found = await operations.list_invoices(service, caller)
    return [_shown(each.number, each.invoice, each.settled_at) for each in found]


@router.put(
    "/invoices/{number}", summary="Create or change an invoice", responses={**refusals(401, 403, 404, 409), **_CREATED}
)
async def put_invoice(
    service: Service, caller: Caller, number: Number, invoice: Invoice, response: Response
) -> InvoiceJson:
    """Keep an invoice that is to be shared, until it is settled. Needs `admin` in the plan's owner."""
    if await operations.put_invoice(service, caller, number, invoice):
        response.status_code = 201
    return _shown(number, invoice, None)


@router.delete(
    "/invoices/{number}", status_code=204, summary="Delete an invoice", responses=refusals(401, 403, 404, 409)
)
async def delete_invoice(service: Service, caller: Caller, number: Number) -> None:
    """Delete an invoice that is not settled. Needs `admin` in the plan's owner."""
    await operations.remove_invoice(service, caller, number)


@router.get(
    "/invoices/{number}/shares",
    summary="Divide an invoice",
    responses={**refusals(401, 403, 404), **_CSV},
    response_model=SharesJson,
)
async def show_shares(service: Service, caller: Caller, number: Number, kind: Format = "json") -> SharesJson | Response:
    """Return who bears what, with every figure: as it was settled, or as it would be now.

    Needs `oversee` or `admin` in the plan's owner or in one of its members: all of them see the figures of all.
    """
    shares = await operations.show_shares(service, caller, number)
    return shares if kind == "json" else Response(shares_csv(shares), media_type=MEDIA_TYPE)


@router.post("/invoices/{number}/settle", summary="Settle an invoice", responses=refusals(401, 403, 404, 409))
async def settle_invoice(service: Service, caller: Caller, number: Number) -> SharesJson:
    """Divide an invoice for good: plan and figures are kept with it as they are now. Needs `admin` in the owner."""
    return await operations.settle(service, caller, number)


@router.post("/invoices/{number}/what-if", summary="Try out a change", responses=refusals(401, 403, 404))
async def try_out(service: Service, caller: Caller, number: Number, change: WhatIf) -> WhatIfAnswer:
    """Return what everybody would bear if members joined or left, or costs changed. Nothing is kept."""
    wanted = operations.Change([_expected(each) for each in change.joining], change.leaving, change.costs)
    before, after = await operations.try_out(service, caller, number, wanted)
    names = sorted({*before.by_tenant, *after.by_tenant})
    difference = {name: after.by_tenant.get(name, 0) - before.by_tenant.get(name, 0) for name in names}
    return WhatIfAnswer(before=before.by_tenant, after=after.by_tenant, difference=difference, shares=after)


@router.get(
    "/invoices/{number}/statements/{tenant}",
    summary="Print a statement",
    response_class=Response,
    responses={**refusals(401, 403, 404), 200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
async def print_statement(
    service: Service,
    caller: Caller,
    number: Number,
    tenant: Annotated[str, Path(max_length=50, description="Name of the tenant", examples=["takamatsu"])],
) -> Response:
    """Return one tenant's statement in Japanese as an HTML page for A4 paper."""
    shares = await operations.show_shares(service, caller, number)
    if tenant not in shares.figures:
        raise NotFound(f"Tenant {tenant[:50]} has no part in invoice {number}")
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Response(statement(shares, tenant), media_type="text/html; charset=utf-8", headers=headers)


def _shown(number: str, invoice: Invoice, settled_at: datetime | None) -> InvoiceJson:
    more = {"number": number, "yen_total": invoice.yen, "settled_at": settled_at}
    return InvoiceJson.model_validate({**invoice.model_dump(), **more})


def _expected(each: Joining) -> tuple[Member, Known]:
    services: Sequence[str] = each.services
    member = Member(tenant=each.tenant, since=each.since, until=each.until, services=services)
    return member, Known(each.population, {str(kind): amount for kind, amount in each.use.items()})
