"""The words of the face's OpenAPI description that several operations share: parameters, bodies, errors."""

from typing import Any, Final

from services.broker.http.route import Content, Parameter
from services.broker.ngsild.negotiation import GEO_JSON, JSON, LD_JSON

_TEXT: Final = {"type": "string"}
_BOOLEAN: Final = {"type": "boolean"}
_COUNT: Final = {"type": "integer", "minimum": 0}

TENANT = Parameter("NGSILD-Tenant", "Tenant; the default tenant where absent", place="header", example="takamatsu")
LINK = Parameter("Link", "The @context of a request in application/json, and of its answer", place="header")
PREFER = Parameter(
    "Prefer", "`ngsi-ld=1.5`: entities as that version knows them (4.3.6.8); `body=json` with GeoJSON", place="header"
)
ID = Parameter("id", "Entity ids (URIs), separated by commas", example="urn:ngsi-ld:AED:1")
ID_PATTERN = Parameter("idPattern", "Regular expression over entity ids", example="^urn:ngsi-ld:AED:")
TYPE = Parameter("type", "Type selection (4.17): names with `,`, `|`, `;` and parentheses", example="AED")
ATTRS = Parameter("attrs", "Attributes to have and to show, separated by commas (deprecated: use pick)")
PICK = Parameter("pick", "Members to show, separated by commas (4.21)", example="id,name")
OMIT = Parameter("omit", "Members not to show, separated by commas (4.21)", example="location")
Q = Parameter("q", "Filter over attribute values (4.9)", example="waterLevel>2.5;alertLevel>=1")
CSF = Parameter("csf", "Filter over context sources (4.9); remote sources are not asked")
GEOREL = Parameter("georel", "Geographic relation (4.10)", example="near;maxDistance==2000")
GEOMETRY = Parameter("geometry", "Type of the reference geometry", example="Point")
COORDINATES = Parameter("coordinates", "Its coordinates, longitude first", example="[134.046,34.342]")
GEOPROPERTY = Parameter("geoproperty", "GeoProperty to compare; `location` unless given", example="location")
SCOPE_Q = Parameter("scopeQ", "Filter over scopes (4.19)", example="/Kagawa/#")
GEOMETRY_PROPERTY = Parameter("geometryProperty", "GeoProperty that becomes the geometry of GeoJSON features")
LANG = Parameter("lang", "Language to show language properties in (4.15)", example="ja")
DATASET_ID = Parameter("datasetId", "Data sets to show, separated by commas; `@none` is the default instance")
LIMIT = Parameter("limit", "Most results in the answer", {**_COUNT, "maximum": 1000, "default": 20}, example=20)
OFFSET = Parameter("offset", "Results to leave out at the beginning", _COUNT, example=0)
COUNT = Parameter("count", "Whether to tell the number of all results in NGSILD-Results-Count", _BOOLEAN)
FORMAT = Parameter(
    "format", "Representation", {"type": "string", "enum": ["normalized", "concise", "simplified", "keyValues"]}
)
OPTIONS = Parameter("options", "Options, separated by commas: sysAttrs, keyValues, concise, normalized, count")
LOCAL = Parameter("local", "Whether only this context broker's own data count", _BOOLEAN)
DETAILS = Parameter("details", "Whether to answer with details", _BOOLEAN)
ORDER_BY = Parameter("orderBy", "Order: attributes or members with `;asc` or `;desc`", example="waterLevel;desc")
COLLATION = Parameter("collation", "Locale whose order of texts is meant", example="ja")

_ENTITY_EXAMPLE: Final = {
    "id": "urn:ngsi-ld:WaterLevelObserved:fukui-1",
    "type": "WaterLevelObserved",
    "waterLevel": {
        "type": "Property",
        "value": 1.42,
        "unitCode": "MTR",
        "observedAt": "2026-01-31T12:00:00Z",
    },
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [136.22, 36.06]}},
}
OBJECT: Final[dict[str, Any]] = {"type": "object"}
ENTITY: Final[dict[str, Any]] = {
    "type": "object",
    "description": "An entity: id, type and attributes (5.2.4)",
    "properties": {"id": {"type": "string", "format": "uri"}, "type": {"type": ["string", "array"]}},
    "additionalProperties": True,
}
ARRAY: Final[dict[str, Any]] = {"type": "array", "items": ENTITY}


def body(description: str, schema: dict[str, Any], example: Any = None) -> Content:
    """Describe a body of JSON or JSON-LD."""
    examples = {"example": example} if example is not None else {}
    return Content(description, {JSON: schema, LD_JSON: schema}, examples=examples)


ENTITY_BODY: Final = body("The entity", ENTITY, _ENTITY_EXAMPLE)
ENTITIES_BODY: Final = body("The entities", {**ARRAY, "minItems": 1}, [_ENTITY_EXAMPLE])
FRAGMENT_BODY: Final = body(
    "A fragment of the entity", OBJECT, {"waterLevel": {"type": "Property", "value": 1.5, "unitCode": "MTR"}}
)
ATTRIBUTE_BODY: Final = body("The attribute", OBJECT, {"type": "Property", "value": 1.5})

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Kind of error, one of ETSI's URIs"},
        "title": _TEXT,
        "detail": _TEXT,
        "status": {"type": "integer"},
        "field": {"type": "string", "description": "Where in the request it is wrong"},
    },
    "required": ["type", "title"],
}


def problem(description: str) -> Content:
    """Describe an error."""
    return Content(description, {JSON: PROBLEM})


def shown(description: str, schema: dict[str, Any]) -> dict[int, Content]:
    """Describe the answers with entities, which GeoJSON can show too, and which may be those of an earlier version."""
    headers = {"Link": "The @context", "Preference-Applied": "The version of NGSI-LD that was preferred"}
    media_types = {JSON: schema, LD_JSON: schema, GEO_JSON: OBJECT}
    altered = f"{description}, amended for the version of NGSI-LD that was preferred"
    return {200: Content(description, media_types, headers), 203: Content(altered, media_types, headers)}


def listed(description: str, schema: dict[str, Any]) -> Content:
    """Describe an answer in JSON or JSON-LD."""
    return Content(description, {JSON: schema, LD_JSON: schema}, {"Link": "The @context"})


GENERAL_ERRORS: Final = {
    400: problem("The request breaks a rule (InvalidRequest, BadRequestData)"),
    401: problem("The request needs a token"),
    403: problem("The caller has no grant, or the query is too complex or too wide"),
    404: problem("The tenant or the resource does not exist (NonexistentTenant, ResourceNotFound)"),
    406: problem("No accepted media type can be given"),
    503: problem("The database is away; try again"),
    504: problem("The @context cannot be downloaded (LdContextNotAvailable)"),
}
BODY_ERRORS: Final = {
    **GENERAL_ERRORS,
    411: problem("The request has no Content-Length"),
    413: problem("The body is too large"),
    415: problem("The body's media type is not supported"),
}
BATCH_RESULT: Final[dict[str, Any]] = {
    "type": "object",
    "description": "BatchOperationResult (5.2.16)",
    "properties": {"success": {"type": "array", "items": _TEXT}, "errors": {"type": "array", "items": OBJECT}},
}
UPDATE_RESULT: Final[dict[str, Any]] = {
    "type": "object",
    "description": "UpdateResult (5.2.18)",
    "properties": {"updated": {"type": "array", "items": _TEXT}, "notUpdated": {"type": "array", "items": OBJECT}},
}
