"""The routes of vocabularies: as SKOS and as JSON Schema."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from services.catalog.api.requests import Responses, TheCatalogue
from services.catalog.dcat.serialise import BY_SUFFIX, FORMATS, RdfFormat, negotiate, serialise
from services.catalog.vocabularies.json_schema import schema_of
from services.catalog.vocabularies.models import models
from services.catalog.vocabularies.scheme import Scheme
from services.catalog.vocabularies.schemes import schemes
from services.catalog.vocabularies.skos import graph_of
from services.kernel.errors import NotFound
from services.kernel.problems import RESPONSES, problem

router = APIRouter(prefix="/vocabularies", tags=["Vocabularies"])
_CACHE = {"Cache-Control": "public, max-age=3600", "Vary": "Accept"}
_ABSENT: Responses = {status: RESPONSES[status] for status in (400, 404)}
_RDF: Responses = {
    200: {"description": "RDF", "content": {form.media_type: {"schema": {"type": "string"}} for form in FORMATS}},
    **_ABSENT,
}
_SCHEMA: Responses = {
    200: {"description": "JSON Schema", "content": {"application/schema+json": {"schema": {"type": "object"}}}},
    **_ABSENT,
}
Name = Annotated[str, Path(pattern="^[a-z-]{1,50}$", description="Name of a vocabulary", examples=["themes"])]
Suffix = Annotated[str, Path(pattern=f"^({'|'.join(BY_SUFFIX)})$", description="Form of RDF")]
TypeName = Annotated[str, Path(pattern="^[A-Za-z0-9_]{1,100}$", description="Entity type", examples=["AED"])]


class SchemeView(BaseModel):
    """A vocabulary."""

    name: str = Field(description="Its name in addresses", examples=["themes"])
    uri: str = Field(description="Its address")
    title: str = Field(description="Its title in English", examples=["Themes"])
    title_ja: str = Field(description="Its title in Japanese", examples=["テーマ"])
    words: int = Field(description="How many words it has", examples=[13])


@router.get("", summary="List the vocabularies", response_model=list[SchemeView])
async def list_schemes(catalogue: TheCatalogue) -> list[SchemeView]:
    """List the vocabularies: codes of local governments, entity types, attributes, themes, formats and others."""
    found = await asyncio.to_thread(schemes)
    return [
        SchemeView(
            name=each.name,
            uri=_address(catalogue, each.name),
            title=each.titles["en"],
            title_ja=each.titles["ja"],
            words=len(each.concepts),
        )
        for each in found.values()
    ]


@router.get(
    "/entity-types/{type_name}.schema.json",
    summary="Read the model of an entity type as JSON Schema",
    responses=_SCHEMA,
    response_class=Response,
)
async def read_model(type_name: TypeName) -> Response:
    """Read the JSON Schema of a type's entities in the key-values representation."""
    if type_name not in models():
        raise NotFound(f"There is no model of the entity type {type_name}")
    return _schema(models()[type_name])


@router.get(
    "/{name}.schema.json", summary="Read a vocabulary as JSON Schema", responses=_SCHEMA, response_class=Response
)
async def read_schema(catalogue: TheCatalogue, name: Name) -> Response:
    """Read a schema that accepts exactly the codes of the vocabulary."""
    return _schema(schema_of(await _find(name), _address(catalogue, name)))


@router.get("/{name}.{suffix}", summary="Read a vocabulary as SKOS", responses=_RDF, response_class=Response)
async def read_scheme(catalogue: TheCatalogue, name: Name, suffix: Suffix) -> Response:
    """Read a vocabulary with all its words as SKOS."""
    return await _rdf(await _find(name), _address(catalogue, name), BY_SUFFIX[suffix])


@router.get(
    "/{name}",
    summary="Read a vocabulary in the form that the client accepts",
    responses={**_RDF, 406: {"description": "No form of RDF that the client accepts"}},
    response_class=Response,
)
async def negotiate_scheme(request: Request, catalogue: TheCatalogue, name: Name) -> Response:
    """Read what the address of a vocabulary stands for."""
    form = negotiate(request.headers.get("accept", ""))
    if form is None:
        return problem(406, f"A vocabulary can be had as {', '.join(each.media_type for each in FORMATS)}")
    return await _rdf(await _find(name), _address(catalogue, name), form)


def _address(catalogue: TheCatalogue, name: str) -> str:
    return f"{catalogue.addresses.catalog}/vocabularies/{name}"


async def _find(name: str) -> Scheme:
    found = (await asyncio.to_thread(schemes)).get(name)
    if found is None:
        raise NotFound(f"Vocabulary {name} does not exist")
    return found


async def _rdf(scheme: Scheme, address: str, form: RdfFormat) -> Response:
    body = await asyncio.to_thread(lambda: serialise(graph_of(scheme, address), form))
    return Response(body, media_type=form.media_type, headers=_CACHE)


def _schema(document: dict[str, Any]) -> Response:
    return JSONResponse(document, media_type="application/schema+json", headers=_CACHE)
