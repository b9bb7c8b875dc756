"""`/export/types`: what is known of each tenant's entity types, as a feed that catalogues follow."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.broker.domain.names import Context
from services.broker.domain.observed_attribute import ObservedAttribute
from services.broker.export.type_feed import LONGEST_WAIT_S, TenantTypes, TypeFeed
from services.broker.operations.type_statistics import TypeReport
from services.broker.store.discovery import TypeAttribute
from services.kernel.app import Caller
from services.kernel.problems import RESPONSES

TAG = {"name": "Statistics", "description": "What is known of entity types, kept as entities change"}
router = APIRouter(prefix="/export", tags=["Statistics"])
_UNKNOWN = ObservedAttribute()


class AttributeStatistics(BaseModel):
    """An attribute that entities of a type have."""

    id: str = Field(description="IRI of the attribute")
    name: str = Field(description="Its name in the tenant's @context", examples=["waterLevel"])
    entities: int = Field(description="How many entities have it", examples=[103])
    kinds: list[str] = Field(description="Its NGSI-LD kinds", examples=[["Property"]])
    values: Sequence[str] = Field(description="Forms of the values that were seen", examples=[["number"]])
    units: Sequence[str] = Field(description="Unit codes that were seen (UN/CEFACT)", examples=[["MTR"]])
    types: Sequence[str] = Field(description="NGSIv2 types that were seen", examples=[["Number"]])
    languages: Sequence[str] = Field(description="Languages that were seen")
    is_observed: bool = Field(description="Whether values say when they were observed")


class TypeStatisticsView(BaseModel):
    """An entity type that has entities now."""

    id: str = Field(description="IRI of the type")
    name: str = Field(description="Its name in the tenant's @context", examples=["WaterLevelObserved"])
    entities: int = Field(description="How many entities there are", examples=[103])
    modified_at: datetime | None = Field(description="When an entity last changed, to a few seconds")
    bounds: Sequence[float] | None = Field(description="West, south, east, north of where they lie, in degrees")
    attributes: list[AttributeStatistics] = Field(description="What they have")


class TenantTypesView(BaseModel):
    """All entity types that a tenant has now."""

    tenant: str = Field(description="Name of the tenant", examples=["fukui"])
    types: list[TypeStatisticsView] = Field(description="Its types; one that is not there has no entities")


class TypesPage(BaseModel):
    """A portion of the feed."""

    position: int = Field(description="Position that is reached: `after` of the next request")
    tenants: list[TenantTypesView] = Field(description="Tenants whose types changed, in order of the last change")


@router.get(
    "/types",
    summary="Follow what is known of entity types",
    responses={status: RESPONSES[status] for status in (400, 401, 503)},
)
async def follow_types(
    request: Request,
    caller: Caller,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="Position reached so far; 0: from the start")] = 0,
    wait_s: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="How long to wait for a change, seconds")] = 0,
) -> TypesPage:
    """Return the tenants whose entities changed after a position, each with all its types as they are now.

    A long poll: without changes it waits for one, and after `wait_s` answers with none. A tenant comes at most every
    two seconds however often its entities change, at most 100 tenants come at once. Only types of which the caller may
    read all entities are told. An answer whose position is smaller than `after` means that the feed has begun anew:
    start again from 0.

    Counts and kinds are exact. Forms of values, units and languages are those of the 200 newest entities. The box
    grows at once with new entities; that it shrinks, or moves with them, is seen when the type is looked at anew,
    which happens the more seldom the more entities it has.
    """
    feed: TypeFeed = request.app.state.type_feed
    found = await feed.changes_after(after, wait_s, caller)
    return TypesPage(position=found.position, tenants=[_tenant(each) for each in found.tenants])


def _tenant(found: TenantTypes) -> TenantTypesView:
    return TenantTypesView(tenant=found.tenant, types=[_type(each, found.context) for each in found.types])


def _type(report: TypeReport, context: Context) -> TypeStatisticsView:
    known = report.statistics
    return TypeStatisticsView(
        id=report.name,
        name=context.compact(report.name),
        entities=report.entities,
        modified_at=known.modified_at if known else None,
        bounds=known.bounds if known else None,
        attributes=[_attribute(each, report, context) for each in report.attributes],
    )


def _attribute(row: TypeAttribute, report: TypeReport, context: Context) -> AttributeStatistics:
    name = row.attribute or ""
    seen = report.statistics.attributes.get(name, _UNKNOWN) if report.statistics else _UNKNOWN
    return AttributeStatistics(
        id=name,
        name=context.compact(name),
        entities=row.count,
        kinds=list(row.kinds),
        values=seen.values,
        units=seen.units,
        types=seen.types,
        languages=seen.languages,
        is_observed=seen.is_observed,
    )
