"""NGSIv2's manners: what every request must keep (headers, media types, parameters), and how errors are worded."""

from typing import Final

from services.broker.http.request import Request
from services.broker.http.response import Response
from services.broker.http.route import Route
from services.broker.ngsiv2.errors import (
    LengthRequired,
    UnsupportedMediaType,
    error_response,
    refusal,
)
from services.broker.ngsiv2.negotiation import JSON, TEXT, check_accepts_json, check_accepts_value
from services.broker.ngsiv2.service_path import HEADER, path_to_write, paths_to_read
from services.broker.ngsiv2.syntax import check_identifier, has_forbidden
from services.kernel.errors import HubError, InvalidRequest, TooLarge

LARGEST_BODY: Final = 1024 * 1024
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
_FREE_PARAMETERS: Final = frozenset({"q", "mq", "georel", "coords", "idPattern", "typePattern"})
_ENTITY_TEMPLATE: Final = "/v2/entities/{entityId}"
_VALUE_TEMPLATE: Final = "/v2/entities/{entityId}/attrs/{attrName}/value"
_NO_SERVICE: Final = "Service not found. Check your URL as probably it is wrong."
_METHODS: Final = ("GET", "PATCH", "POST", "PUT", "DELETE")
"""The order in which `Allow` names methods."""


class Dialect:
    """How NGSIv2 words what is not its operations."""

    def refuse(self, request: Request, error: HubError) -> Response:
        """Answer for an error of the domain."""
        return refusal(error)

    def unknown_path(self, request: Request) -> Response:
        """Answer where no route has this path. What is wrong with the request whatever its path comes first."""
        _check_request(request, "")
        return error_response(400, "BadRequest", _NO_SERVICE)

    def wrong_method(self, request: Request, allowed: list[str]) -> Response:
        """Answer where the path exists but not with this method. What is wrong whatever its path comes first."""
        _check_request(request, "")
        methods = ", ".join(sorted(allowed, key=_METHODS.index))
        return error_response(405, "MethodNotAllowed", "method not allowed", (("Allow", methods),))

    def failure(self, request: Request) -> Response:
        """Answer for a fault of ours."""
        return error_response(500, "InternalServerError", "The service fails; the log has the reason")

    def check(self, request: Request, route: Route) -> None:
        """Hold body, media types, parameters and path against the general rules. Raises HubError."""
        if route.template.startswith("/v2"):
            _check_request(request, route.template)
            if not request.is_tidy:
                raise InvalidRequest(_NO_SERVICE)
            if route.template.startswith(_ENTITY_TEMPLATE):
                _check_names(request)

    def granted_paths(self, request: Request, route: Route) -> tuple[str, ...]:
        """Return the service paths that the caller must be granted."""
        if route.action == "write":
            return (path_to_write(request),)
        return paths_to_read(request)


def _check_names(request: Request) -> None:
    """Hold what the path of an entity or attribute names against the rules. Raises BadData."""
    segments = request.segments
    check_identifier(segments[2], "entity id")
    if len(segments) > 4:
        check_identifier(segments[4], "attribute name")
    type_name = request.parameters.get("type")
    if type_name is not None:
        check_identifier(type_name, "entity type")


def _check_request(request: Request, template: str) -> None:
    headers = request.headers
    if request.segments[0] != "v2":
        return
    if request.method in _WITH_BODY:
        _check_body(headers, template)
    elif "content-type" in headers:
        raise InvalidRequest("Orion accepts no payload for GET/DELETE requests: leave Content-Type out")
    accept = headers.get("accept")
    if accept is not None and accept not in ("*/*", JSON):
        (check_accepts_value if template == _VALUE_TEMPLATE else check_accepts_json)(accept)
    if request.raw_query:
        _check_parameters(request)
    if HEADER in headers:
        paths_to_read(request)


def _check_body(headers: dict[str, str], template: str) -> None:
    length = headers.get("content-length")
    if length == "0" or (length is None and "transfer-encoding" not in headers):
        raise LengthRequired
    if length is not None and length.isdigit() and int(length) > LARGEST_BODY:
        raise TooLarge(f"payload size: {length}, max size supported: {LARGEST_BODY}")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if not media_type:
        raise UnsupportedMediaType("Content-Type header not used, default application/octet-stream is not supported")
    if media_type != JSON and not (media_type == TEXT and template in ("", _VALUE_TEMPLATE)):
        raise UnsupportedMediaType(f"not supported content type: {media_type}")


def _check_parameters(request: Request) -> None:
    for name, value in request.parameters.pairs:
        if has_forbidden(name):
            raise InvalidRequest("invalid character in URI parameter", field="parameter")
        if not value:
            raise InvalidRequest(f"Empty right-hand-side for URI param /{name}/", field=name)
        if name not in _FREE_PARAMETERS and has_forbidden(value):
            raise InvalidRequest("invalid character in URI parameter", field=name)
