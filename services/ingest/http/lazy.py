"""What the context broker asks for on behalf of readers: lazy attributes (NGSIv2, NGSI-LD).

NGSIv2: `POST /v2/op/query`, as `//op/query` and `/op/query` too. NGSI-LD (clauses 5.7.1, 5.7.2): `GET
/ngsi-ld/v1/entities/{id}`, `GET /ngsi-ld/v1/entities?id`.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import BaseModel, Field

from services.ingest.domain.errors import WrongSyntax
from services.ingest.domain.plan import Entity
from services.ingest.http.ngsiv2_entity import as_ngsiv2
from services.kernel.app import Caller
from services.kernel.identity import Principal
from services.kernel.problems import RESPONSES
from services.kernel.tenancy import name_in_headers

router = APIRouter(tags=["Lazy attributes"])
_ERRORS: dict[int | str, dict[str, Any]] = {status: RESPONSES[status] for status in (400, 401, 403, 404, 503)}
_EXAMPLE = {"entities": [{"id": "urn:ngsi-ld:Lamp:1", "type": "Lamp"}], "attrs": ["batteryLevel"]}
EntityId = Annotated[str, Path(description="Id of the entity", examples=["urn:ngsi-ld:Lamp:1"])]
Names = Annotated[str, Query(description="Names of attributes, with commas between; none: all lazy ones")]


class AskedEntity(BaseModel):
    """Which entity is asked for; patterns are refused, as the IoT agents do."""

    id: str | None = Field(None, description="Its id")
    type: str | None = Field(None, description="Its type; without an id all of that type")
    id_pattern: str | None = Field(None, alias="idPattern", description="Refused")
    type_pattern: str | None = Field(None, alias="typePattern", description="Refused")


class Asked(BaseModel):
    """A query that a broker forwards."""

    entities: list[AskedEntity] = Field(min_length=1, max_length=100, description="Which entities")
    attrs: list[str] = Field([], max_length=1000, description="Which attributes; none: all lazy ones")


@router.post("/v2/op/query", summary="Ask for lazy attributes (NGSIv2)", responses=_ERRORS)
@router.post("/op/query", summary="Ask for lazy attributes (NGSIv2, other path)", responses=_ERRORS)
@router.post("//op/query", include_in_schema=False, responses=_ERRORS)
async def query_entities(
    request: Request, principal: Caller, asked: Annotated[Asked, Body(examples=[_EXAMPLE])]
) -> list[dict[str, Any]]:
    """Ask the devices of entities, and answer with what they say."""
    found: list[Entity] = []
    for entity in asked.entities:
        if entity.id_pattern or entity.type_pattern or not (entity.id or entity.type):
            raise WrongSyntax("must have an id or a type, and no pattern", field="entities")
        found += await _ask(request, principal, (entity.id, entity.type), asked.attrs)
    return [as_ngsiv2(each) for each in found]


@router.get("/ngsi-ld/v1/entities", summary="Ask for lazy attributes of entities (NGSI-LD)", responses=_ERRORS)
async def query_ld_entities(
    request: Request,
    principal: Caller,
    ids: Annotated[str, Query(alias="id", description="Ids of entities, with commas between")] = "",
    kind: Annotated[str | None, Query(alias="type", description="Type of the entities")] = None,
    attrs: Names = "",
) -> list[Entity]:
    """Ask the devices of entities, and answer with what they say."""
    wanted: list[str | None] = [each for each in ids.split(",") if each]
    if not wanted and kind is None:
        raise WrongSyntax("id or type must be given", field="id")
    found: list[Entity] = []
    for each in wanted or [None]:
        found += await _ask(request, principal, (each, kind), _listed(attrs))
    return found


@router.get("/ngsi-ld/v1/entities/{entity_id}", summary="Ask for lazy attributes (NGSI-LD)", responses=_ERRORS)
async def retrieve_ld_entity(request: Request, principal: Caller, entity_id: EntityId, attrs: Names = "") -> Entity:
    """Ask the device of an entity, and answer with what it says."""
    return (await _ask(request, principal, (entity_id, None), _listed(attrs)))[0]


async def _ask(
    request: Request, principal: Principal, entity: tuple[str | None, str | None], names: Sequence[str]
) -> list[Entity]:
    tenant = name_in_headers(request.headers)
    principal.require("read", tenant)
    return await request.app.state.parts.asking.ask(tenant, entity, names)  # type: ignore[no-any-return]


def _listed(names: str) -> list[str]:
    """Return the names of a list, without what stands before the last `/` or `#` of those that are IRIs."""
    return [each.replace("#", "/").rpartition("/")[2] for each in names.split(",") if each]
