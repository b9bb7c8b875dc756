"""The words in which NGSIv2 refuses: `{"error": word, "description": text}` (Orion API, Error Responses)."""

from typing import Final

from services.broker.http.request import MalformedJson
from services.broker.http.response import Response, json_response
from services.broker.operations.update_operators import OperatorMisfit
from services.broker.operations.v2_updates import TooManyLocations
from services.kernel import errors


class NotAcceptable(errors.HubError):
    """No media type that the client accepts can be answered with"""


class LengthRequired(errors.HubError):
    """Zero/No Content-Length in PUT/POST/PATCH request"""


class UnsupportedMediaType(errors.HubError):
    """The media type of the body is not supported"""


class PartialUpdate(errors.HubError):
    """A part of the request was carried out"""


class PartialForwarding(errors.HubError):
    """A part of the request was carried out; a provider did not take the rest"""


WORDS: Final[dict[type[errors.HubError], tuple[int, str]]] = {
    MalformedJson: (400, "ParseError"),
    errors.InvalidRequest: (400, "BadRequest"),
    errors.NotAuthenticated: (401, "Unauthorized"),
    errors.NotAllowed: (403, "Forbidden"),
    errors.TooComplex: (403, "Forbidden"),
    errors.NotFound: (404, "NotFound"),
    PartialForwarding: (404, "PartialUpdate"),
    NotAcceptable: (406, "NotAcceptable"),
    errors.Ambiguous: (409, "TooManyResults"),
    errors.Conflict: (409, "Conflict"),
    LengthRequired: (411, "ContentLengthRequired"),
    TooManyLocations: (413, "NoResourcesAvailable"),
    errors.TooLarge: (413, "RequestEntityTooLarge"),
    UnsupportedMediaType: (415, "UnsupportedMediaType"),
    PartialUpdate: (422, "PartialUpdate"),
    errors.AlreadyExists: (422, "Unprocessable"),
    errors.Unprocessable: (422, "Unprocessable"),
    errors.TooMany: (429, "TooManyRequests"),
    OperatorMisfit: (500, "InternalServerError"),
    errors.NotSupported: (501, "NotImplemented"),
    errors.Unavailable: (503, "ServiceUnavailable"),
    errors.HubError: (500, "InternalServerError"),
}


def word_of(error: errors.HubError) -> tuple[int, str]:
    """Return the status and the error word: those of the error's nearest class in the table."""
    return next(WORDS[kind] for kind in type(error).__mro__ if kind in WORDS)


def error_response(status: int, word: str, description: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Answer with an error payload."""
    return json_response({"error": word, "description": description}, status, headers)


def refusal(error: errors.HubError) -> Response:
    """Answer for an error of the domain."""
    status, word = word_of(error)
    headers: tuple[tuple[str, str], ...] = ()
    if isinstance(error, errors.Unavailable):
        headers = (("Retry-After", str(error.retry_after_s)),)
    if isinstance(error, errors.NotAuthenticated):
        headers = (("WWW-Authenticate", error.challenge),)
    return error_response(status, word, error.detail, headers)
