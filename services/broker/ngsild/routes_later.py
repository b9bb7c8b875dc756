"""The routes of resources that the context broker does not have yet (5.6.11-16, 5.7.3-4, 5.11, 5.14, 5.16)."""

from typing import Final

from services.broker.http.route import Operation, Parameter, Route
from services.broker.ngsild import later, words
from services.broker.ngsild.words import BODY_ERRORS, GENERAL_ERRORS

_TAG: Final = "NGSI-LD not implemented"
_BASE: Final = "/ngsi-ld/v1/"
_REFUSED: Final = {501: words.problem("Not implemented by this version of the context broker")}
_COMMON: Final = (words.LOCAL, words.TENANT, words.LINK, words.OPTIONS)
_TEMPORAL: Final = (
    words.ID,
    words.ID_PATTERN,
    words.TYPE,
    words.ATTRS,
    words.PICK,
    words.OMIT,
    words.Q,
    words.CSF,
    words.GEOREL,
    words.GEOMETRY,
    words.COORDINATES,
    words.GEOPROPERTY,
    words.SCOPE_Q,
    words.LANG,
    words.DATASET_ID,
    words.FORMAT,
    words.LIMIT,
    words.OFFSET,
    words.COUNT,
    Parameter("timerel", "`before`, `after` or `between`"),
    Parameter("timeAt", "Its instant, or where it begins"),
    Parameter("endTimeAt", "Where it ends"),
    Parameter("timeproperty", "The time that is meant"),
    Parameter("lastN", "Most instances of each attribute", {"type": "integer", "minimum": 1}),
    Parameter("aggrMethods", "Aggregations, separated by commas"),
    Parameter("aggrPeriodDuration", "Length of each aggregation (ISO 8601 duration)"),
    *_COMMON,
)
_PAGE: Final = (words.LIMIT, words.OFFSET, words.COUNT, *_COMMON)
_INSTANCE: Final = "temporal/entities/{entityId}/attrs/{attrId}"
_LATER: Final[tuple[tuple[str, str, tuple[str, ...], tuple[Parameter, ...]], ...]] = (
    ("temporal/entities", "read", ("GET",), _TEMPORAL),
    ("temporal/entities", "write", ("POST",), _COMMON),
    ("temporal/entities/{entityId}", "read", ("GET",), _TEMPORAL),
    ("temporal/entities/{entityId}", "write", ("DELETE",), _COMMON),
    ("temporal/entities/{entityId}/attrs", "write", ("POST",), _COMMON),
    (_INSTANCE, "write", ("DELETE",), (words.DATASET_ID, Parameter("deleteAll", "All instances"), *_COMMON)),
    (f"{_INSTANCE}/{{instanceId}}", "write", ("PATCH", "DELETE"), _COMMON),
    ("temporal/entityOperations/query", "read", ("POST",), _PAGE),
    ("csourceSubscriptions", "register", ("GET", "POST"), _PAGE),
    ("csourceSubscriptions/{subscriptionId}", "register", ("GET", "PATCH", "DELETE"), _COMMON),
    ("entityMaps/{entityMapId}", "read", ("GET",), _COMMON),
    ("entityMaps/{entityMapId}", "write", ("PATCH", "DELETE"), _COMMON),
    ("snapshots", "admin", ("POST", "DELETE"), _COMMON),
    ("snapshots/{snapshotId}", "admin", ("GET", "PATCH", "DELETE"), _COMMON),
    ("snapshots/{snapshotId}/clone", "admin", ("POST",), _COMMON),
)


def later_routes() -> tuple[Route, ...]:
    """Return routes that refuse."""
    return tuple(
        _route(method, path, action, parameters) for path, action, methods, parameters in _LATER for method in methods
    )


def _route(method: str, path: str, action: str, parameters: tuple[Parameter, ...]) -> Route:
    has_body = method in ("POST", "PATCH")
    body = words.body("As NGSI-LD describes it", words.OBJECT) if has_body else None
    errors = BODY_ERRORS if has_body else GENERAL_ERRORS
    operation = Operation("Not implemented", "", _TAG, parameters, body, {**_REFUSED, **errors})
    return Route(method, _BASE + path, later.refuse, action, operation)
