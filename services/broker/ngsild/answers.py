"""Answers with entities: body, @context, Link header, media type, preferred version (6.3.6, 6.3.15, 4.3.6.8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.broker.domain.entity import Entity
from services.broker.http.face import Call
from services.broker.http.response import Headers, Response, json_response
from services.broker.ngsild.context import context_member, link_header
from services.broker.ngsild.joins import Shown, with_linked
from services.broker.ngsild.negotiation import GEO_JSON, JSON, LD_JSON
from services.broker.ngsild.older_versions import NATIVE, Version, as_of, preferred_version
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
    rendered = _preferred(call, views)
    return await _versioned(call, rendered.documents[0], shown, (), rendered)


async def entities_answer(call: Call, entities: list[Entity], shown: Representation, headers: Headers = ()) -> Response:
    """Answer with a list of entities, and those that are linked."""
    return await _views_answer(call, await with_linked(call, entities, shown), shown, headers)


async def _views_answer(call: Call, views: list[Shown], shown: Representation, headers: Headers) -> Response:
    if shown.media_type == GEO_JSON:
        return await _geo_answer(call, feature_collection(views), shown, headers)
    rendered = _preferred(call, views)
    return await _versioned(call, [each for each in rendered.documents if each], shown, headers, rendered)


@dataclass(frozen=True, slots=True)
class _Rendered:
    """Entities as JSON, in the version of NGSI-LD that the client prefers; `is_altered`: it made a difference."""

    documents: list[dict[str, Any]]
    version: Version
    is_altered: bool = False


def _preferred(call: Call, views: Sequence[Shown]) -> _Rendered:
    documents = [entity_document(*view) for view in views]
    version = preferred_version(call.request.headers.get("prefer", "")) or NATIVE
    if version == NATIVE:
        return _Rendered(documents, NATIVE)
    earlier = [entity_document(*_as_of(view, version)) for view in views]
    return _Rendered(earlier, version, earlier != documents)


def _as_of(view: Shown, version: Version) -> Shown:
    entity, shown = view
    if shown.join is not None:
        linked = {uri: as_of(each, version, shown.context) for uri, each in shown.join.entities.items()}
        shown = replace(shown, join=replace(shown.join, entities=linked))
    return as_of(entity, version, shown.context), shown


async def _versioned(
    call: Call, document: Any, shown: Representation, headers: Headers, rendered: _Rendered
) -> Response:
    answer = await document_answer(call, document, shown, headers, version=rendered.version)
    return replace(answer, status=203) if rendered.is_altered else answer


async def document_answer(
    call: Call, document: Any, shown: Representation, headers: Headers = (), *, version: Version = NATIVE
) -> Response:
    """Answer with JSON or JSON-LD documents: the context in a Link header, or in each object.

    `version` is the one of NGSI-LD that the documents conform to, which a client that prefers one is told.
    """
    headers = (*headers, *_applied(call, version))
    if shown.media_type == LD_JSON:
        member = context_member(shown.context)
        for each in document if isinstance(document, list) else [document]:
            each["@context"] = member
        return json_response(document, headers=headers, media_type=LD_JSON)
    return json_response(document, headers=(*headers, await link_header(call, shown.context)), media_type=JSON)


def _applied(call: Call, version: Version) -> Headers:
    prefer = call.request.headers.get("prefer")
    if prefer is None or preferred_version(prefer) is None:
        return ()
    return (("Preference-Applied", f"ngsi-ld={version[0]}.{version[1]}"),)


async def _geo_answer(call: Call, document: dict[str, Any], shown: Representation, headers: Headers) -> Response:
    prefers = call.request.headers.get("prefer", "")
    if "body=json" in prefers.replace(" ", ""):
        headers = (*headers, await link_header(call, shown.context))
    else:
        document["@context"] = context_member(shown.context)
    return json_response(document, headers=headers, media_type=GEO_JSON)
