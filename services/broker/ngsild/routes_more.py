"""The route table of discovery, @contexts and the source's identity, with their words."""

from typing import Final

from services.broker.http.route import Content, Operation, Parameter, Route
from services.broker.ngsild import discovery, info, jsonld_contexts, words
from services.broker.ngsild.words import BODY_ERRORS, GENERAL_ERRORS

_DISCOVERY: Final = "NGSI-LD discovery"
_CONTEXTS: Final = "NGSI-LD @contexts"
_COMMON: Final = (words.LOCAL, words.TENANT, words.LINK)
_DONE: Final = Content("Done")


def discovery_routes() -> tuple[Route, ...]:
    """Return the routes of discovery."""

    def route(path: str, handler: object, summary: str, clause: str) -> Route:
        is_list = path in ("types", "attributes")
        parameters = (words.DETAILS, *_COMMON) if is_list else _COMMON
        schema = {"oneOf": [words.OBJECT, words.ARRAY]} if is_list else words.OBJECT
        answer = {200: words.listed("The answer; with details an array", schema), **GENERAL_ERRORS}
        operation = Operation(summary, f"Clause {clause}.", _DISCOVERY, parameters, None, answer)
        return Route("GET", f"/ngsi-ld/v1/{path}", handler, "read", operation)  # type: ignore[arg-type]

    return (
        route("types", discovery.list_types, "List the entity types", "5.7.5 and 5.7.6"),
        route("types/{type}", discovery.describe_type, "Describe an entity type", "5.7.7"),
        route("attributes", discovery.list_attributes, "List the attributes", "5.7.8 and 5.7.9"),
        route("attributes/{attrId}", discovery.describe_attribute, "Describe an attribute", "5.7.10"),
        route("info/sourceIdentity", info.source_identity, "Tell who this context source is", "5.15.1"),
    )


_ONE: Final = "/ngsi-ld/v1/jsonldContexts/{contextId}"
_SERVED: Final = Content("The context", {"application/ld+json": words.OBJECT, "application/json": words.OBJECT})
_UNSUPPORTED: Final = {422: words.problem("A cached context is not served (OperationNotSupported)")}
_CONTEXT_ROUTES: Final = (
    Route(
        "POST",
        "/ngsi-ld/v1/jsonldContexts",
        jsonld_contexts.host_context,
        "write",
        Operation(
            "Host a context",
            "Clause 5.13.2.",
            _CONTEXTS,
            (words.TENANT,),
            words.body("The context", words.OBJECT, {"@context": {"name": "https://schema.org/name"}}),
            {201: Content("Stored", headers={"Location": "The context"}), **BODY_ERRORS},
        ),
    ),
    Route(
        "GET",
        "/ngsi-ld/v1/jsonldContexts",
        jsonld_contexts.list_contexts,
        "read",
        Operation(
            "List contexts",
            "Clause 5.13.3.",
            _CONTEXTS,
            (
                words.DETAILS,
                Parameter("kind", "Only these", {"type": "string", "enum": ["Hosted", "Cached", "ImplicitlyCreated"]}),
                words.TENANT,
            ),
            None,
            {200: Content("URLs, or details", {"application/json": {"type": "array"}}), **GENERAL_ERRORS},
        ),
    ),
    Route(
        "GET",
        _ONE,
        jsonld_contexts.serve_context,
        "read",
        Operation(
            "Serve a context",
            "Clause 5.13.4.",
            _CONTEXTS,
            (words.DETAILS, words.TENANT),
            None,
            {200: _SERVED, **GENERAL_ERRORS, **_UNSUPPORTED},
        ),
    ),
    Route(
        "DELETE",
        _ONE,
        jsonld_contexts.delete_context,
        "write",
        Operation(
            "Delete or reload a context",
            "Clause 5.13.5.",
            _CONTEXTS,
            (Parameter("reload", "Download a cached context again", {"type": "boolean"}), words.TENANT),
            None,
            {204: _DONE, **GENERAL_ERRORS},
        ),
    ),
)


def context_routes() -> tuple[Route, ...]:
    """Return the routes of the @context server."""
    return _CONTEXT_ROUTES
