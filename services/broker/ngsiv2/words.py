"""The words of NGSIv2's OpenAPI description that many operations share."""

from collections.abc import Mapping
from typing import Any, Final

from services.broker.http.route import Content, Operation, Parameter

JSON: Final = "application/json"
_TEXT: Final = {"type": "string"}
_IDENTIFIER: Final = {"type": "string", "minLength": 1, "maxLength": 256}

SERVICE: Final = Parameter(
    "Fiware-Service",
    "Tenant; without it the default tenant",
    {"type": "string", "maxLength": 50},
    "header",
    example="takamatsu",
)
PATH_TO_WRITE: Final = Parameter(
    "Fiware-ServicePath", "The one service path to write to; `/` without it", _TEXT, "header", example="/parks"
)
PATHS_TO_READ: Final = Parameter(
    "Fiware-ServicePath",
    "Service paths to read, at most ten with commas between; `/parks/#` means it and all below. Everywhere without it",
    _TEXT,
    "header",
    example="/parks/#",
)
TYPE: Final = Parameter("type", "Type of the entity, where several have the id", _IDENTIFIER, example="Room")
ATTRS: Final = Parameter(
    "attrs",
    "Attributes to show, with commas between, in this order. Builtin ones only where they are named: `dateCreated`,"
    " `dateModified`, `dateExpires`, `servicePath`; `*` means all user-defined ones",
    _TEXT,
    example="temperature,dateModified",
)
METADATA: Final = Parameter(
    "metadata", "Metadata to show, with commas between; builtin: `dateCreated`, `dateModified`", _TEXT, example="*"
)
LIMIT: Final = Parameter(
    "limit",
    "Most elements of the answer",
    {"type": "integer", "minimum": 0, "maximum": 1000, "default": 20},
    example=20,
)
OFFSET: Final = Parameter("offset", "Elements to skip", {"type": "integer", "minimum": 0, "default": 0}, example=0)

ERROR_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "required": ["error", "description"],
    "properties": {
        "error": {"type": "string", "description": "The kind of error", "example": "NotFound"},
        "description": {"type": "string", "description": "What is wrong in this request"},
    },
}
ENTITY_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "type": {"type": "string"}},
    "additionalProperties": True,
}
ATTRIBUTE_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"value": {}, "type": {"type": "string"}, "metadata": {"type": "object"}},
    "additionalProperties": False,
}
ATTRIBUTE_EXAMPLE: Final = {"type": "Number", "value": 23.5, "metadata": {"unitCode": {"type": "Text", "value": "CEL"}}}
ATTRIBUTES_EXAMPLE: Final = {"temperature": ATTRIBUTE_EXAMPLE}
ENTITY_EXAMPLE: Final = {"id": "room1", "type": "Room", **ATTRIBUTES_EXAMPLE}

_ERRORS: Final[Mapping[int, tuple[str, str]]] = {
    400: ("The request is not well-formed", "BadRequest"),
    401: ("No valid token", "Unauthorized"),
    403: ("The caller has no grant for this", "Forbidden"),
    404: ("It does not exist", "NotFound"),
    405: ("The path has other methods, named in `Allow`", "MethodNotAllowed"),
    406: ("No acceptable media type", "NotAcceptable"),
    409: ("More than one entity matches", "TooManyResults"),
    411: ("The body has no length", "ContentLengthRequired"),
    413: ("The body is too large, or the entity has a location already", "RequestEntityTooLarge"),
    415: ("The media type of the body is not supported", "UnsupportedMediaType"),
    422: ("The state does not allow it, or only a part was carried out", "Unprocessable"),
    500: ("An update operator does not fit the attribute's value", "InternalServerError"),
    501: ("Not supported", "NotImplemented"),
    503: ("A part the request needs is away", "ServiceUnavailable"),
}
_ALWAYS: Final = (400, 401, 403, 406, 503)
_WITH_BODY: Final = (411, 413, 415)


def options(*names: str) -> Parameter:
    """Describe the `options` that an operation knows."""
    return Parameter(
        "options", f"With commas between: {', '.join(f'`{name}`' for name in names)}", _TEXT, example=names[0]
    )


def json_body(description: str, schema: Mapping[str, Any], example: Any) -> Content:
    """Describe a JSON body."""
    return Content(description, {JSON: schema}, examples={JSON: example})


def or_values(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of what may also be shown as a list of values (`options=values`, `options=unique`)."""
    return {"oneOf": [schema, {"type": "array"}]}


def nothing(description: str, headers: Mapping[str, str] | None = None) -> Content:
    """Describe an answer without a body."""
    return Content(description, headers=headers or {})


def error_content(status: int) -> Content:
    """Describe an error."""
    description, word = _ERRORS[status]
    headers = {"Allow": "Methods that the path has"} if status == 405 else {}
    example = {"error": word, "description": description}
    return Content(description, {JSON: ERROR_SCHEMA}, headers, {JSON: example})


def describe(
    summary: str,
    tag: str,
    parameters: tuple[Parameter, ...],
    responses: Mapping[int, Content],
    *more: int,
    request: Content | None = None,
) -> Operation:
    """Describe an operation: its own answers, the errors that every operation has, and `more` statuses."""
    statuses = (*_ALWAYS, *(_WITH_BODY if request else ()), *more)
    errors = {status: error_content(status) for status in statuses}
    return Operation(
        summary=summary,
        description=summary,
        tag=tag,
        parameters=(SERVICE, *parameters),
        request=request,
        responses=dict(sorted({**responses, **errors}.items())),
    )
