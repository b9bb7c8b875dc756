"""Answers with entities: body, @context, Link header, media type (6.3.6, 6.3.15)."""

from typing import Any

from services.broker.domain.entity import Entity
from services.broker.http.face import Call
from services.broker.http.response import Headers, Response, json_response
from services.broker.ngsild.context import context_member, link_header
from services.broker.ngsild.joins import Shown, with_linked
from services.broker.ngsild.negotiation import GEO_JSON, JSON, LD_JSON
from services.broker.ngsild.output_entity import entity_document
from services.broker.ngsild.output_geojson import feature, feature_collection
from services.broker.ngsild.representation import JoinKind, Representation


async def entity_answer(call: Call, entity: Entity, shown: Representation) -> Response:
    """Answer with one entity; where linked entities stand beside it, with a list."""
    views = await with_linked(call, [entity], shown)
    if shown.join is not None and shown.join.kind is JoinKind.FLAT and len(views) > 1:
        return await _views_answer(call, views, shown, ())
    if shown.media_type == GEO_JSON:
        return await _geo_answer(call, feature(*views[0]), shown, ())
    return await document_answer(call, entity_document(*views[0]), shown)


async def entities_answer(call: Call, entities: list[Entity], shown: Representation, headers: Headers = ()) -> Response:
    """Answer with a list of entities, and those that are linked."""
    return await _views_answer(call, await with_linked(call, entities, shown), shown, headers)


async def _views_answer(call: Call, views: list[Shown], shown: Representation, headers: Headers) -> Response:
    if shown.media_type == GEO_JSON:
        return await _geo_answer(call, feature_collection(views), shown, headers)
    documents = [document for view in views if (document := entity_document(*view))]
    return await document_answer(call, documents, shown, headers)


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
