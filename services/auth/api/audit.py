"""Routes of the audit log."""

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from services.auth.api.service import Caller, Service, refusals
from services.auth.domain.tenant import read_name
from services.auth.store import audit
from services.auth.store.audit import AuditFilter
from services.auth.store.database import transaction
from services.kernel.identity import Principal
from services.kernel.paging import MAXIMUM_LIMIT, Page
from services.kernel.tenancy.routes import NDJSON

router = APIRouter(tags=["Audit"])
_EXPORTED = {"description": "One record a line", "content": {NDJSON: {"schema": {"type": "string"}}}}


class AuditQuery(BaseModel):
    """Which records are searched for."""

    model_config = ConfigDict(extra="forbid")

    tenant: str | None = Field(None, description="Only acts on this tenant", max_length=100)
    actor: str | None = Field(None, description="Only acts of this client, user or device key", max_length=100)
    action: str | None = Field(None, description="Only this route, like `PATCH /tenants/{name}`", max_length=200)
    status: int | None = Field(None, description="Only acts that were answered so; 403 are refusals")
    since: AwareDatetime | None = Field(None, description="Only acts at or after this instant")
    until: AwareDatetime | None = Field(None, description="Only acts before this instant")
    limit: int = Field(20, ge=1, le=MAXIMUM_LIMIT, description="Most records in the answer")
    offset: int = Field(0, ge=0, le=2**53, description="Records to pass over")


class AuditRecordJson(BaseModel):
    """What somebody did or was refused."""

    segment: str = Field(description="The chain that it stands in: one process's")
    number: int = Field(description="Its place there, from 1")
    at: str = Field(description="When", examples=["2026-04-01T00:00:00Z"])
    actor: str = Field(description="Who; empty where nobody authenticated")
    action: str = Field(description="The route", examples=["PATCH /tenants/{name}"])
    target: str = Field(description="The path", examples=["/tenants/takamatsu"])
    status: int = Field(description="HTTP status of the answer", examples=[200])
    count: int = Field(1, description="How often, from `at` on, where one record stands for many alike")
    tenant: str | None = Field(description="The tenant that the path names")
    correlator: str = Field(description="`Fiware-Correlator` of the request")
    heads: dict[str, str] | None = Field(description="In a segment's first record: the last hash of each other one")
    previous: str = Field(description="Hash of the record before it, empty in the first")
    hash: str = Field(description="SHA-256 of all the rest")


@router.get("/audit", summary="Search the audit log", responses=refusals(401, 403))
async def search_audit(
    service: Service, caller: Caller, query: Annotated[AuditQuery, Query()]
) -> list[AuditRecordJson]:
    """Return what was done and refused, the latest first.

    Recorded are sign-ins, administrative acts and refusals, at auth and at the services, and, for each hour, who read
    and wrote entities of which types how often (`read entities`, `write entities`). Needs `oversee` or `admin` in the
    tenant that is asked for, or in all tenants.
    """
    tenant = None if query.tenant is None else read_name(query.tenant, "tenant")
    _require_oversight(caller, tenant or "*")
    wanted = AuditFilter(tenant, query.actor, query.action, query.status, query.since, query.until)
    async with transaction(service.engine) as connection:
        found = await audit.search(connection, wanted, Page(query.limit, query.offset))
    return [AuditRecordJson.model_validate(each) for each in found]


@router.get(
    "/audit/export",
    summary="Export the audit log",
    response_class=StreamingResponse,
    responses={**refusals(401, 403), 200: _EXPORTED},
)
async def export_audit(
    service: Service,
    caller: Caller,
    tenant: Annotated[str | None, Query(description="Only acts on this tenant", max_length=100)] = None,
) -> StreamingResponse:
    """Stream all records, a JSON object a line, by segment and number: what `hiroba audit verify` verifies.

    Of one tenant's records each can be verified, not whether one is missing. Needs `oversee` or `admin` in the tenant,
    or in all tenants.
    """
    only = None if tenant is None else read_name(tenant, "tenant")
    _require_oversight(caller, only or "*")

    async def lines() -> AsyncIterator[bytes]:
        async with transaction(service.engine) as connection:
            async for document in audit.everything(connection, only):
                yield orjson.dumps(document) + b"\n"

    return StreamingResponse(lines(), media_type=NDJSON)


def _require_oversight(principal: Principal, tenant: str) -> None:
    if not any(principal.is_unlimited(action, tenant) for action in ("oversee", "admin")):
        raise principal.refusal("oversee", tenant, "/#")
