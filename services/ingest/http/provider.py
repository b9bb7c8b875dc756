"""What the context broker forwards: updates of the attributes that are commands (NGSIv2, NGSI-LD), and notifications.

NGSIv2: `POST /v2/op/update`, as `//op/update` and `/op/update` too. NGSI-LD (clauses 5.6.2, 5.6.4): `PATCH`, `POST` and
`PUT /ngsi-ld/v1/entities/{id}/attrs`, `PATCH …/attrs/{name}`.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request
from starlette.responses import Response

from services.ingest.domain.errors import WrongSyntax
from services.kernel.app import Caller
from services.kernel.identity import Principal
from services.kernel.problems import RESPONSES
from services.kernel.tenancy import name_in_headers

router = APIRouter(tags=["Commands"])
_ERRORS: dict[int | str, dict[str, Any]] = {status: RESPONSES[status] for status in (400, 401, 403, 404, 503)}
_NO_CONTENT: dict[str, Any] = {"status_code": 204, "response_class": Response, "responses": _ERRORS}
_LAST = re.compile(r"[^/#]*\Z")
_VALUES = ("value", "object", "languageMap", "json", "vocab")
EntityId = Annotated[str, Path(description="Id of the entity")]
Name = Annotated[str, Path(description="Name of the attribute")]
Document = Annotated[dict[str, Any], Body(examples=[{"ping": {"type": "command", "value": "now"}}])]
_UPDATE = {
    "actionType": "update",
    "entities": [{"id": "urn:ngsi-ld:Lamp:1", "type": "Lamp", "on": {"type": "command", "value": ""}}],
}


@router.post("/v2/op/update", summary="Give commands (NGSIv2)", **_NO_CONTENT)
@router.post("/op/update", summary="Give commands (NGSIv2, other path)", **_NO_CONTENT)
@router.post("//op/update", include_in_schema=False, **_NO_CONTENT)
async def update_entities(
    request: Request, principal: Caller, document: Annotated[dict[str, Any], Body(examples=[_UPDATE])]
) -> Response:
    """Take the commands in an update: each is stored, and brought to its device; 204 does not wait for that."""
    entities = document.get("entities")
    if not isinstance(entities, list) or not all(isinstance(each, dict) and "id" in each for each in entities):
        raise WrongSyntax("must be a list of entities with an id", field="entities")
    for entity in entities:
        values = {name: _value(each) for name, each in entity.items() if name not in ("id", "type")}
        await _give(request, principal, (str(entity["id"]), entity.get("type")), values)
    return Response(status_code=204)


@router.patch("/ngsi-ld/v1/entities/{entity_id}/attrs", summary="Give commands (NGSI-LD)", **_NO_CONTENT)
@router.patch("/ngsi-ld/v1/entities/{entity_id}/attrs/", include_in_schema=False, **_NO_CONTENT)
@router.post("/ngsi-ld/v1/entities/{entity_id}/attrs", summary="Give commands (NGSI-LD, append)", **_NO_CONTENT)
@router.post("/ngsi-ld/v1/entities/{entity_id}/attrs/", include_in_schema=False, **_NO_CONTENT)
async def update_attributes(request: Request, principal: Caller, entity_id: EntityId, document: Document) -> Response:
    """Take the commands among an entity's attributes."""
    values = {name: _value(each) for name, each in document.items() if name not in ("id", "type", "@context")}
    await _give(request, principal, (entity_id, None), values)
    return Response(status_code=204)


@router.patch("/ngsi-ld/v1/entities/{entity_id}/attrs/{name:path}", summary="Give a command (NGSI-LD)", **_NO_CONTENT)
@router.put("/ngsi-ld/v1/entities/{entity_id}/attrs/{name:path}", include_in_schema=False, **_NO_CONTENT)
async def update_attribute(
    request: Request, principal: Caller, entity_id: EntityId, name: Name, document: Document
) -> Response:
    """Take one command."""
    await _give(request, principal, (entity_id, None), {name: _value(document)})
    return Response(status_code=204)


async def _give(
    request: Request, principal: Principal, entity: tuple[str, str | None], values: Mapping[str, Any]
) -> None:
    tenant = name_in_headers(request.headers)
    principal.require("write", tenant)
    short = {_LAST.findall(name)[0]: value for name, value in values.items()}
    await request.app.state.parts.commanding.give(tenant, entity, short)


def _value(attribute: Any) -> Any:
    """Return an attribute's value, whichever API wrote it; a value alone is itself."""
    if isinstance(attribute, dict):
        return next((attribute[name] for name in _VALUES if name in attribute), attribute)
    return attribute
