"""Routes of metering: services hand over what they counted, who oversees a tenant reads it."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.auth.api.service import Caller, Service, refusals
from services.auth.domain.client import SERVICE_GRANTS, service_client_id
from services.auth.metering import store
from services.auth.metering.amounts import DESCRIPTIONS, Period, UsageFilter, read_dimensions, read_kinds
from services.auth.metering.csv_text import MEDIA_TYPE, csv_text
from services.auth.metering.reach import seen_tenants
from services.auth.store.database import transaction
from services.auth.store.reach import EVERYTHING, NOTHING, tell
from services.kernel.errors import NotAllowed, NotFound
from services.kernel.identity import OPEN
from services.kernel.metering import KINDS, Kind, day_of
from services.kernel.paging import MAXIMUM_LIMIT, Page
from services.kernel.tenancy import DEFAULT_TENANT, fold_name

router = APIRouter(tags=["Usage"])
TAG = {"name": "Usage", "description": "What tenants use, by client, kind and day"}
_MOST_IN_A_REPORT = 5000
_DEFAULT_NAME = "default-tenant"
_WHOLE_FILE = Page(100_000, 0)
_BY = "day,tenant,client"
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"description": "Sums, as JSON or CSV", "content": {"text/csv": {"schema": {"type": "string"}}}}
}


class HandedAmount(BaseModel):
    """An amount that a service has counted."""

    model_config = ConfigDict(extra="forbid")

    day: date = Field(description="Day in Japan", examples=["2026-04-01"])
    tenant: str = Field(description="Name of the tenant, empty for the default one", max_length=50)
    client: str = Field("", description="Client, where there is one", max_length=200)
    kind: Kind = Field(description="What was counted")
    amount: int = Field(ge=0, le=2**62, description="How much; of a stock the last figure")


class UsageReport(BaseModel):
    """A batch of amounts of one service."""

    model_config = ConfigDict(extra="forbid")

    amounts: list[HandedAmount] = Field(max_length=_MOST_IN_A_REPORT)


class UsageReportTaken(BaseModel):
    """What became of a batch."""

    is_new: bool = Field(description="False: a batch of this number, or a later one, was taken before")


class UsageQuery(BaseModel):
    """Which amounts are asked for."""

    model_config = ConfigDict(extra="forbid")

    tenant: list[str] = Field([], description="Only these tenants; `default-tenant` the one without a name")
    client: str | None = Field(None, description="Only this client", max_length=200)
    service: str | None = Field(None, description="Only what this service counted", max_length=50)
    kind: str = Field("", description=f"Only these kinds, with commas between: {', '.join(KINDS)}", max_length=500)
    since: date | None = Field(None, description="First day in Japan; 30 days before `until` unless given")
    until: date | None = Field(None, description="Last day; today unless given")
    by: str = Field(_BY, description="Sums by `day` or `month`, `tenant`, `client`, `service`", max_length=100)
    format: Literal["json", "csv"] = Field("json", description="`csv`: a file with all lines, whatever `limit` says")
    limit: int = Field(100, ge=1, le=MAXIMUM_LIMIT, description="Most lines in the answer")
    offset: int = Field(0, ge=0, le=2**53, description="Lines to pass over")


class UsageLine(BaseModel):
    """A sum. Dimensions that were not asked for are left out."""

    day: date | None = None
    month: str | None = Field(None, examples=["2026-04"])
    tenant: str | None = Field(None, description="Name of the tenant, empty for the default one")
    client: str | None = Field(None, description="Client; empty where there is none: stocks, measures, notifications")
    service: str | None = None
    kind: Kind
    amount: int = Field(description="Sum of a flow; of a stock the mean of its days", examples=[1200])


class UsageList(BaseModel):
    """One page of sums."""

    total: int = Field(description="How many lines there are on all pages")
    since: date
    until: date
    usage: list[UsageLine]


@router.put(
    "/usage/reports/{service_name}/{number}",
    summary="Hand over what a service counted",
    responses=refusals(401, 403, 404),
)
async def take_report(
    service: Service,
    caller: Caller,
    service_name: Annotated[str, Path(description="Name of the service", max_length=50, examples=["broker"])],
    number: Annotated[int, Path(description="Number of the batch; they rise", ge=1, le=2**62)],
    report: UsageReport,
) -> UsageReportTaken:
    """Add a batch to the books, once: repeating it changes nothing. Only the service itself may."""
    if service_name not in SERVICE_GRANTS:
        raise NotFound(f"There is no service {service_name}")
    if caller is not OPEN and caller.client_id != service_client_id(service_name):
        raise NotAllowed(f"Only {service_name} itself hands over what it counted")
    amounts = [store.Handed(each.day, each.tenant, each.client, each.kind, each.amount) for each in report.amounts]
    async with transaction(service.engine, NOTHING.also("meter")) as connection:
        return UsageReportTaken(is_new=await store.take(connection, service_name, number, amounts))


@router.get(
    "/usage",
    summary="Show what tenants use",
    responses={**refusals(401, 403), **_CSV},
    response_model=UsageList,
    response_model_exclude_none=True,
)
async def show_usage(service: Service, caller: Caller, query: Annotated[UsageQuery, Query()]) -> UsageList | Response:
    """Return sums of what tenants use, by day, tenant, client and kind unless `by` says otherwise.

    Needs `oversee` or `admin` in the tenants; over a subtree it shows every tenant of it. Without `tenant` all that
    the caller may see.
    """
    by = read_dimensions(query.by)
    last = query.until or day_of(service.clock())
    period = Period(query.since or min(last, last - timedelta(days=30)), last)
    asked = [_folded(name) for name in query.tenant]
    async with transaction(service.engine) as connection:
        tenants = await seen_tenants(connection, caller, asked)
        await tell(connection, EVERYTHING if tenants is None else NOTHING.and_of(*tenants))
        wanted = UsageFilter(period, tenants, query.client, query.service, read_kinds(query.kind))
        part = _WHOLE_FILE if query.format == "csv" else Page(query.limit, query.offset)
        rows, total = await store.add_up(connection, wanted, by, part)
    if query.format == "csv":
        header = [*by, "kind", "amount"]
        content = csv_text(header, [[row[name] for name in header] for row in rows])
        return Response(content, media_type=MEDIA_TYPE)
    lines = [UsageLine.model_validate(row) for row in rows]
    return UsageList(total=total, since=period.first, until=period.last, usage=lines)


@router.get("/usage/kinds", summary="List what is counted", responses=refusals(401))
async def list_kinds(caller: Caller) -> dict[str, str]:
    """Return the kinds of use, each with what it means."""
    return dict(DESCRIPTIONS)


def _folded(name: str) -> str:
    return DEFAULT_TENANT if name in ("", _DEFAULT_NAME) else fold_name(name, "tenant")
