"""Answers with entities: body, @context, Link header, media type (6.3.6, 6.3.15)."""

from typing import Any

from services.broker.domain.entity import Entity
from services.broker.http.face import Call
from services.broker.http.response import Headers, Response, json_response
from services.broker.ngsild.context import context_member, link_header
from services.broker.ngsild.negotiation import GEO_JSON, JSON, LD_JSON
from services.broker.ngsild.output_entity import entity_document
from services.broker.ngsild.output_geojson import feature, feature_collection
from services.broker.ngsild.representation import Representation


async def entity_answer(call: Call, entity: Entity, shown: Representation) -> Response:
    """Answer with one entity."""
    if shown.media_type == GEO_JSON:
        return await _geo_answer(call, feature(entity, shown), shown, ())
    return await document_answer(call, entity_document(entity, shown), shown)


async def entities_answer(call: Call, entities: list[Entity], shown: Representation, headers: Headers = ()) -> Response:
    """Answer with a list of entities."""
    if shown.media_type == GEO_JSON:
        return await _geo_answer(call, feature_collection(entities, shown), shown, headers)
    return await document_answer(call, [entity_document(each, shown) for each in entities], shown, headers)


async def document_answer(call: Call, document: Any, shown: Representation, headers: Headers = ()) -> Response:
    """Answer with JSON or JSON-LD documents: the context in a Link header, or in each object."""
    if shown.media_type == LD_JSON:
        member = context_member(shown.context)
        for each in document if isinstance(document, list) else [document]:
            each["@context"] = member
        return json_response(document, headers=headers, media_type=LD_JSON)
    return json_response(document, headers=(*headers, await link_header(call, shown.context)), media_type=JSON)


async def _geo_answer(call: Call, document: dict[str, Any], shown: Representation, headers: Headers) -> Response:
    prefers = call.request.headers.get("prefer", "")
    if "body=json" in prefers.replace(" ", ""):
        headers = (*headers, await link_header(call, shown.context))
    else:
        document["@context"] = context_member(shown.context)
    return json_response(document, headers=headers, media_type=GEO_JSON)
