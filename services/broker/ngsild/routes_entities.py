"""The route table of entities, attributes and batches, with their words."""

from typing import Final

from services.broker.http.route import Content, Operation, Parameter, Route
from services.broker.ngsild import attributes, batch, entities, purge, query, words
from services.broker.ngsild.words import BODY_ERRORS, GENERAL_ERRORS

_ENTITIES: Final = "NGSI-LD entities"
_BATCH: Final = "NGSI-LD batch operations"
_ENTITY: Final = "/ngsi-ld/v1/entities/{entityId}"
_DONE: Final = Content("Done")
_COMMON: Final = (words.LOCAL, words.TENANT, words.LINK)
_SHOWN: Final = (
    words.ATTRS,
    words.PICK,
    words.OMIT,
    words.FORMAT,
    words.OPTIONS,
    Parameter("sysAttrs", "Whether to show createdAt and modifiedAt", {"type": "boolean"}),
    words.LANG,
    words.DATASET_ID,
    words.GEOMETRY_PROPERTY,
    Parameter("join", "Linked entities: `inline`, `flat` or `@none` (4.5.23)"),
    Parameter("joinLevel", "How many links deep", {"type": "integer", "minimum": 1}),
    Parameter("containedBy", "Ids of entities that are not to be shown again"),
    Parameter("entityMap", "Entity map to use", {"type": "boolean"}),
    Parameter("entityMapLifetime", "How long an entity map is to live (ISO 8601 duration)"),
    Parameter("splitEntities", "Whether parts of an entity may be told apart", {"type": "boolean"}),
    words.PREFER,
    *_COMMON,
)
_FILTERS: Final = (
    words.ID,
    words.ID_PATTERN,
    words.TYPE,
    words.Q,
    words.CSF,
    words.GEOREL,
    words.GEOMETRY,
    words.COORDINATES,
    words.GEOPROPERTY,
    words.SCOPE_Q,
    Parameter("expandValues", "Attributes whose values are names to expand"),
    Parameter("jsonKeys", "Attributes whose paths are plain keys"),
)
_PAGE: Final = (words.LIMIT, words.OFFSET, words.COUNT)
_ORDER: Final = (
    words.ORDER_BY,
    words.COLLATION,
    Parameter("orderFrom", "Coordinates that distances are measured from"),
    Parameter("orderGeometry", "Type of that geometry"),
)
_UPDATED: Final = {
    204: _DONE,
    207: Content("Some attributes were not written", {"application/json": words.UPDATE_RESULT}),
}
_FORWARDED: Final = {
    409: words.problem("The context source that has the attribute does not support this (Conflict)"),
    502: words.problem("The context source that has the attribute does not carry it out"),
    508: words.problem("The request has been here before"),
}
_PARTLY: Final = {
    207: Content("Something failed, here or in a context source", {"application/json": words.BATCH_RESULT}),
}
_BATCH_DONE: Final = {204: _DONE, **_PARTLY, 508: words.problem("The request has been here before")}
_CREATED: Final = {
    201: Content("Ids of the entities that were created", {"application/json": {"type": "array"}}),
    **_BATCH_DONE,
}
_CONFLICT: Final = {409: words.problem("The entity exists already (AlreadyExists)")}


_ENTITY_ROUTES: Final = (
    Route(
        "POST",
        "/ngsi-ld/v1/entities",
        entities.create_entity,
        "write",
        Operation(
            "Create an entity",
            "Clause 5.6.1. The entity may be normalized, concise or simplified, also mixed.",
            _ENTITIES,
            _COMMON,
            words.ENTITY_BODY,
            {
                201: Content("Created", headers={"Location": "The entity"}),
                **_PARTLY,
                **BODY_ERRORS,
                **_FORWARDED,
                **_CONFLICT,
            },
        ),
    ),
    Route(
        "GET",
        "/ngsi-ld/v1/entities",
        query.query_entities,
        "read",
        Operation(
            "Query entities",
            "Clause 5.7.2. At least one of type, attrs, q, georel or local=true must be given.",
            _ENTITIES,
            (*_FILTERS, *_SHOWN, *_ORDER, *_PAGE),
            None,
            {**words.shown("The entities", words.ARRAY), **GENERAL_ERRORS},
        ),
    ),
    Route(
        "DELETE",
        "/ngsi-ld/v1/entities",
        purge.purge_entities,
        "write",
        Operation(
            "Purge entities",
            "Clause 5.6.21. Deletes what a query finds: the entities, or with keep or drop some attributes.",
            _ENTITIES,
            (
                *_FILTERS,
                words.ATTRS,
                Parameter("keep", "Attributes to keep, separated by commas"),
                Parameter("drop", "Attributes to delete, separated by commas"),
                *_COMMON,
            ),
            None,
            {**_BATCH_DONE, **GENERAL_ERRORS, **_FORWARDED},
        ),
    ),
    Route(
        "GET",
        _ENTITY,
        entities.retrieve_entity,
        "read",
        Operation(
            "Retrieve an entity",
            "Clause 5.7.1.",
            _ENTITIES,
            (words.TYPE, *_SHOWN),
            None,
            {**words.shown("The entity", words.ENTITY), **GENERAL_ERRORS},
        ),
    ),
    Route(
        "DELETE",
        _ENTITY,
        entities.delete_entity,
        "write",
        Operation(
            "Delete an entity",
            "Clause 5.6.6.",
            _ENTITIES,
            (words.TYPE, *_COMMON),
            None,
            {204: _DONE, **_PARTLY, **GENERAL_ERRORS, **_FORWARDED},
        ),
    ),
    Route(
        "PUT",
        _ENTITY,
        entities.replace_entity,
        "write",
        Operation(
            "Replace an entity",
            "Clause 5.6.18. Everything but the id and the time of creation is replaced.",
            _ENTITIES,
            (words.TYPE, words.FORMAT, words.OPTIONS, *_COMMON),
            words.ENTITY_BODY,
            {204: _DONE, **_PARTLY, **BODY_ERRORS, **_FORWARDED},
        ),
    ),
    Route(
        "PATCH",
        _ENTITY,
        entities.merge_entity,
        "write",
        Operation(
            "Merge into an entity",
            'Clause 5.6.17. What is not named stays; "urn:ngsi-ld:null" deletes.',
            _ENTITIES,
            (
                words.TYPE,
                Parameter("observedAt", "observedAt of written attributes that have had one"),
                words.LANG,
                words.FORMAT,
                words.OPTIONS,
                *_COMMON,
            ),
            words.FRAGMENT_BODY,
            {204: _DONE, **_PARTLY, **BODY_ERRORS, **_FORWARDED},
        ),
    ),
)


def entity_routes() -> tuple[Route, ...]:
    """Return the routes of entities."""
    return _ENTITY_ROUTES


_EVERY: Final = f"{_ENTITY}/attrs"
_ONE: Final = f"{_ENTITY}/attrs/{{attrId}}"
_CHOSEN: Final = (words.TYPE, *_COMMON)
_ATTRIBUTE_ROUTES: Final = (
    Route(
        "POST",
        _EVERY,
        attributes.append_attributes,
        "write",
        Operation(
            "Append attributes",
            "Clause 5.6.3. With options=noOverwrite attributes that exist stay as they are.",
            _ENTITIES,
            (words.OPTIONS, *_CHOSEN),
            words.FRAGMENT_BODY,
            {**_UPDATED, **BODY_ERRORS, **_FORWARDED},
        ),
    ),
    Route(
        "PATCH",
        _EVERY,
        attributes.update_attributes,
        "write",
        Operation(
            "Update attributes",
            "Clause 5.6.2. Attributes that do not exist are added; NGSI-LD Null deletes.",
            _ENTITIES,
            (words.OPTIONS, *_CHOSEN),
            words.FRAGMENT_BODY,
            {**_UPDATED, **BODY_ERRORS, **_FORWARDED},
        ),
    ),
    Route(
        "PATCH",
        _ONE,
        attributes.partial_update,
        "write",
        Operation(
            "Update some members of an attribute",
            "Clause 5.6.4.",
            _ENTITIES,
            _CHOSEN,
            words.ATTRIBUTE_BODY,
            {204: _DONE, **BODY_ERRORS, **_FORWARDED},
        ),
    ),
    Route(
        "PUT",
        _ONE,
        attributes.replace_attribute,
        "write",
        Operation(
            "Replace an attribute",
            "Clause 5.6.19.",
            _ENTITIES,
            _CHOSEN,
            words.ATTRIBUTE_BODY,
            {204: _DONE, **BODY_ERRORS, **_FORWARDED},
        ),
    ),
    Route(
        "DELETE",
        _ONE,
        attributes.delete_attribute,
        "write",
        Operation(
            "Delete an attribute",
            "Clause 5.6.5. One instance by datasetId, all with deleteAll=true.",
            _ENTITIES,
            (
                words.DATASET_ID,
                Parameter("deleteAll", "Whether to delete all instances", {"type": "boolean"}),
                *_CHOSEN,
            ),
            None,
            {204: _DONE, **GENERAL_ERRORS, **_FORWARDED},
        ),
    ),
)


def attribute_routes() -> tuple[Route, ...]:
    """Return the routes of an entity's attributes."""
    return _ATTRIBUTE_ROUTES


_KEY: Final = Parameter(
    "Idempotency-Key", "Carries a batch out once: the same key again gets the same answer", place="header"
)
_ITEM_KEYS: Final = Parameter(
    "Idempotency-Items",
    "Keys of the entities, in their order with commas between: each is carried out once, in whichever batch it comes",
    place="header",
)


def _batch_route(name: str, handler: object, operation: Operation) -> Route:
    action = "read" if name == "query" else "write"
    return Route("POST", f"/ngsi-ld/v1/entityOperations/{name}", handler, action, operation)  # type: ignore[arg-type]


_WRITTEN: Final = (words.OPTIONS, *_COMMON)
_BATCH_ROUTES: Final = (
    _batch_route(
        "create",
        batch.batch_create,
        Operation(
            "Create entities", "Clause 5.6.7.", _BATCH, _COMMON, words.ENTITIES_BODY, {**_CREATED, **BODY_ERRORS}
        ),
    ),
    _batch_route(
        "upsert",
        batch.batch_upsert,
        Operation(
            "Create or overwrite entities",
            "Clause 5.6.8. options=replace (the default) or update.",
            _BATCH,
            (_KEY, _ITEM_KEYS, *_WRITTEN),
            words.ENTITIES_BODY,
            {**_CREATED, **BODY_ERRORS},
        ),
    ),
    _batch_route(
        "update",
        batch.batch_update,
        Operation(
            "Append to entities",
            "Clause 5.6.9.",
            _BATCH,
            _WRITTEN,
            words.ENTITIES_BODY,
            {**_BATCH_DONE, **BODY_ERRORS},
        ),
    ),
    _batch_route(
        "merge",
        batch.batch_merge,
        Operation(
            "Merge into entities",
            "Clause 5.6.20.",
            _BATCH,
            _WRITTEN,
            words.ENTITIES_BODY,
            {**_BATCH_DONE, **BODY_ERRORS},
        ),
    ),
    _batch_route(
        "delete",
        batch.batch_delete,
        Operation(
            "Delete entities",
            "Clause 5.6.10.",
            _BATCH,
            _COMMON,
            words.body("The ids", {"type": "array", "items": {"type": "string"}}, ["urn:ngsi-ld:AED:1"]),
            {**_BATCH_DONE, **BODY_ERRORS},
        ),
    ),
    _batch_route(
        "query",
        query.query_by_body,
        Operation(
            "Query entities by a body",
            "Clause 5.7.2.",
            _BATCH,
            (*_PAGE, words.OPTIONS, words.FORMAT, *_SHOWN),
            words.body("The query (5.2.23)", words.OBJECT, {"type": "Query", "entities": [{"type": "AED"}]}),
            {**words.shown("The entities", words.ARRAY), **BODY_ERRORS},
        ),
    ),
)


def batch_routes() -> tuple[Route, ...]:
    """Return the routes of batch operations."""
    return _BATCH_ROUTES
