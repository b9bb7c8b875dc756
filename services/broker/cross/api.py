"""`/cross/entities`: one query over the tenants that let the caller read."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.broker.cross.question import Question, find_across, readable_tenants
from services.broker.operations.broker import Broker
from services.kernel.errors import InvalidRequest, NotAuthenticated
from services.kernel.identity import Principal, TokenVerifier
from services.kernel.paging import MAXIMUM_LIMIT
from services.kernel.problems import RESPONSES
from services.kernel.tenancy import fold_name

TAG = {"name": "Across tenants", "description": "One query over all tenants that let the caller read"}
_OWN = {"tenants", "limit", "offset", "count"}
router = APIRouter(prefix="/cross", tags=["Across tenants"])


class CrossQuery(BaseModel):
    """An NGSI-LD query (5.7.2) over tenants."""

    model_config = ConfigDict(extra="forbid")

    type: str | None = Field(None, description="Entity types, as in NGSI-LD (4.17)", examples=["EvacuationSite,AED"])
    q: str | None = Field(None, description="Filter (4.9)")
    id: str | None = Field(None, description="Ids, with commas between")
    idPattern: str | None = Field(None, description="Pattern of ids")  # noqa: N815  # the parameters' names
    attrs: str | None = Field(None, description="Attributes to show, one of which an entity must have")
    pick: str | None = Field(None, description="Members to show (4.21)")
    omit: str | None = Field(None, description="Members to leave out (4.21)")
    georel: str | None = Field(None, description="Spatial relation (4.10)")
    geometry: str | None = Field(None, description="Type of the geometry")
    coordinates: str | None = Field(None, description="Its coordinates")
    geoproperty: str | None = Field(None, description="GeoProperty that is compared")
    scopeQ: str | None = Field(None, description="Scope query (4.19)")  # noqa: N815
    format: str | None = Field(None, description="`normalized`, `concise` or `simplified`")
    options: str | None = Field(None, description="`keyValues`, `concise`, `sysAttrs`")
    lang: str | None = Field(None, description="Language of LanguageProperties")
    tenants: str | None = Field(None, description="Only these tenants, with commas between")
    count: bool = Field(False, description="Whether `NGSILD-Results-Count` is to tell how many there are")
    limit: int = Field(20, ge=1, le=MAXIMUM_LIMIT, description="Most entities in the answer")
    offset: int = Field(0, ge=0, description="Entities to pass over; with limit at most 1000")

    @property
    def names(self) -> list[str]:
        """The tenants that are named, folded. Raises InvalidRequest."""
        return list(dict.fromkeys(fold_name(name, "tenants") for name in (self.tenants or "").split(",")))


class CrossEntity(BaseModel):
    """An entity and the tenant that it is of."""

    tenant: str = Field(description="Name of the tenant", examples=["takamatsu"])
    entity: dict[str, Any] = Field(description="The entity as NGSI-LD shows it")


@router.get(
    "/entities",
    summary="Query entities of all tenants that let the caller read",
    responses={status: RESPONSES[status] for status in (400, 401, 403, 503)},
)
async def query_across(
    request: Request, response: Response, query: Annotated[CrossQuery, Query()]
) -> list[CrossEntity]:
    """Return entities of every tenant whose grants reach the caller, each with its tenant's name.

    A prefecture reads its members so, as far as each of them lets it; nobody else's data is counted or shown. Names
    are those of the @context that a `Link` header gives. The tenants come by name, within one in order of creation.
    Without a token it reaches what tenants open to all. At most 200 tenants are asked at once; a tenant named in
    `tenants` that lets nothing be read is refused with 403.
    """
    if query.limit + query.offset > MAXIMUM_LIMIT:
        raise InvalidRequest(f"offset and limit together must be at most {MAXIMUM_LIMIT}", field="offset")
    broker: Broker = request.app.state.broker
    caller = await _caller(request)
    names = query.names if query.tenants else await readable_tenants(broker, caller)
    handed_on = query.model_dump(exclude=_OWN, exclude_none=True)
    question = Question(request.scope, request.receive, handed_on, query.limit + query.offset)
    found = await find_across(broker, caller, names, question)
    if query.count:
        response.headers["NGSILD-Results-Count"] = str(sum(each.count for each in found))
    shown = [CrossEntity(tenant=each.tenant, entity=entity) for each in found for entity in each.entities]
    return shown[query.offset : query.offset + query.limit]


async def _caller(request: Request) -> Principal | None:
    """Return who calls, None for everybody without a token. Raises NotAuthenticated."""
    verifier: TokenVerifier = request.app.state.verifier
    authorization = request.headers.get("authorization")
    try:
        return await verifier.identify(authorization)
    except NotAuthenticated:
        if authorization is not None:
            raise
        return None
