"""Errors in NGSI-LD's dialect: JSON problem details with ETSI's type URIs (5.5.2, 6.3.2)."""

from http import HTTPStatus
from typing import Any, Final

from services.broker.http.response import Headers, Response, json_response
from services.broker.operations.downloads import LdContextNotAvailable
from services.kernel import errors

_ETSI: Final = "https://uri.etsi.org/ngsi-ld/errors/"


class NotAcceptable(errors.HubError):
    """None of the media types in Accept can be given"""


class UnsupportedMediaType(errors.HubError):
    """The body's media type is not supported"""


class LengthRequired(errors.HubError):
    """The request has no Content-Length"""


class TooManyResults(errors.HubError):
    """The query would give too many results"""


class NotImplementedHere(errors.HubError):
    """The context broker has no such operation"""


class LoopDetected(errors.HubError):
    """The request has been here before: context sources forward to one another"""


class SourceFails(errors.HubError):
    """The context source does not carry out what it is asked"""


class SourceTimesOut(errors.HubError):
    """The context source does not answer"""


DIALECT: Final[dict[type[errors.HubError], tuple[int, str, str]]] = {
    errors.BadData: (400, "BadRequestData", "Bad request data"),
    errors.InvalidRequest: (400, "InvalidRequest", "Invalid request"),
    errors.UnknownTenant: (404, "NonexistentTenant", "Nonexistent tenant"),
    errors.NotFound: (404, "ResourceNotFound", "Resource not found"),
    errors.AlreadyExists: (409, "AlreadyExists", "Already exists"),
    errors.Conflict: (409, "Conflict", "Conflict"),
    errors.Unprocessable: (422, "OperationNotSupported", "Operation not supported"),
    errors.NotSupported: (422, "OperationNotSupported", "Operation not supported"),
    errors.TooComplex: (403, "TooComplexQuery", "Too complex query"),
    TooManyResults: (403, "TooManyResults", "Too many results"),
    LdContextNotAvailable: (504, "LdContextNotAvailable", "JSON-LD context not available"),
    NotAcceptable: (406, "", "Not acceptable"),
    UnsupportedMediaType: (415, "", "Unsupported media type"),
    LengthRequired: (411, "", "Length required"),
    errors.NotAuthenticated: (401, "", "Not authenticated"),
    errors.NotAllowed: (403, "", "Not allowed"),
    errors.TooLarge: (413, "", "Too large"),
    errors.TooMany: (429, "", "Too many requests"),
    NotImplementedHere: (501, "OperationNotSupported", "Not implemented"),
    SourceFails: (502, "", "Bad gateway"),
    SourceTimesOut: (504, "", "Gateway timeout"),
    LoopDetected: (508, "", "Loop detected"),
    errors.Unavailable: (503, "", "Service unavailable"),
    errors.HubError: (500, "InternalError", "Internal error"),
}
"""Status, ETSI's name (empty where ETSI has none) and title of each error; the nearest class counts."""


def problem_details(error: errors.HubError) -> dict[str, Any]:
    """Return an error as problem details, as they stand in answers and in batch results."""
    status, name, title = _words(error)
    details = {
        "type": _ETSI + name if name else "about:blank",
        "title": title,
        "detail": error.detail,
        "status": status,
    }
    if error.field:
        details["field"] = error.field
    return details


def status_of(error: errors.HubError) -> int:
    """Return the HTTP status of an error."""
    return _words(error)[0]


def refusal(error: errors.HubError, headers: Headers = ()) -> Response:
    """Answer for an error."""
    if isinstance(error, errors.Unavailable):
        headers = (*headers, ("Retry-After", str(error.retry_after_s)))
    if isinstance(error, errors.NotAuthenticated):
        headers = (*headers, ("WWW-Authenticate", error.challenge))
    if isinstance(error, LengthRequired):
        return Response(411, headers=headers)
    return json_response(problem_details(error), status_of(error), headers)


def plain_problem(status: int, detail: str, headers: Headers = ()) -> Response:
    """Answer with a problem that ETSI has no name for."""
    title = HTTPStatus(status).phrase
    name = {500: "InternalError", 404: "ResourceNotFound"}.get(status)
    kind = _ETSI + name if name else "about:blank"
    return json_response({"type": kind, "title": title, "detail": detail, "status": status}, status, headers)


def _words(error: errors.HubError) -> tuple[int, str, str]:
    return next(DIALECT[kind] for kind in type(error).__mro__ if kind in DIALECT)
