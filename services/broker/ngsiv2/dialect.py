"""NGSIv2's manners: what every request must keep (headers, media types, parameters), and how errors are worded."""

from typing import Final

from services.broker.http.request import Request
from services.broker.http.response import Response
from services.broker.http.route import Route
from services.broker.ngsiv2.errors import (
    LengthRequired,
    NotAcceptable,
    UnsupportedMediaType,
    error_response,
    refusal,
)
from services.broker.ngsiv2.service_path import path_to_write, paths_to_read
from services.broker.ngsiv2.syntax import has_forbidden
from services.kernel.errors import HubError, InvalidRequest, TooLarge

LARGEST_BODY: Final = 1024 * 1024
_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
_FREE_PARAMETERS: Final = frozenset({"q", "mq", "georel", "coords", "idPattern", "typePattern"})
_VALUE_TEMPLATE: Final = "/v2/entities/{entityId}/attrs/{attrName}/value"
_READING_POSTS: Final = frozenset({"/v2/op/query"})


class Dialect:
    """How NGSIv2 words what is not its operations."""

    def refuse(self, request: Request, error: HubError) -> Response:
        """Answer for an error of the domain."""
        return refusal(error)

    def unknown_path(self, request: Request) -> Response:
        """Answer where no route has this path."""
        description = "Service not found. Check your URL as probably it is wrong."
        return error_response(400, "BadRequest", description)

    def wrong_method(self, request: Request, allowed: list[str]) -> Response:
        """Answer where the path exists but not with this method."""
        return error_response(405, "MethodNotAllowed", "method not allowed", (("Allow", ", ".join(allowed)),))

    def failure(self, request: Request) -> Response:
        """Answer for a fault of ours."""
        return error_response(500, "InternalServerError", "The service fails; the log has the reason")

    def check(self, request: Request, route: Route) -> None:
        """Hold body, media types and parameters against the general rules. Raises HubError."""
        headers = request.headers
        if not route.template.startswith("/v2"):
            return
        if request.method in _WITH_BODY:
            _check_body(headers, route)
        elif "content-type" in headers:
            raise InvalidRequest("Orion accepts no payload for GET/DELETE requests: leave Content-Type out")
        accept = headers.get("accept")
        if accept is not None and accept != "*/*":
            _check_accept(accept, route)
        if request.raw_query:
            _check_parameters(request)

    def granted_paths(self, request: Request, route: Route) -> tuple[str, ...]:
        """Return the service paths that the caller must be granted."""
        if route.action == "write":
            return (path_to_write(request),)
        return paths_to_read(request)


def _check_body(headers: dict[str, str], route: Route) -> None:
    length = headers.get("content-length")
    if length == "0" or (length is None and "transfer-encoding" not in headers):
        raise LengthRequired
    if length is not None and length.isdigit() and int(length) > LARGEST_BODY:
        raise TooLarge(f"payload size: {length}, max size supported: {LARGEST_BODY}")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    allowed = ("application/json", "text/plain") if route.template == _VALUE_TEMPLATE else ("application/json",)
    if not media_type:
        raise UnsupportedMediaType("Content-Type header not used, default application/octet-stream is not supported")
    if media_type not in allowed:
        raise UnsupportedMediaType(f"not supported content type: {media_type}")


def _check_accept(accept: str, route: Route) -> None:
    ranges = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    fitting = {"*/*", "application/*", "application/json"}
    if route.template == _VALUE_TEMPLATE:
        fitting |= {"text/*", "text/plain"}
    if ranges.isdisjoint(fitting):
        wanted = "application/json, text/plain" if len(fitting) > 3 else "application/json"
        raise NotAcceptable(f"acceptable MIME types: {wanted}")


def _check_parameters(request: Request) -> None:
    for name, value in request.parameters.pairs:
        if not value:
            raise InvalidRequest(f"Empty right-hand-side for URI param /{name}/", field=name)
        if name not in _FREE_PARAMETERS and has_forbidden(value):
            raise InvalidRequest("invalid character in URI parameter", field=name)
