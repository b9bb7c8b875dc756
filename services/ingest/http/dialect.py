"""Errors as the IoT agent writes them, `{"name", "message"}`, on its paths; RFC 9457 on the others."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from services.ingest.domain import errors as ours
from services.ingest.domain.refusal import Reason, Refusal
from services.kernel import errors
from services.kernel.problems import status_of

Handler = Callable[[Request, Exception], Awaitable[Response]]
AGENT_PATHS = ("/iot", "/version", "/admin")
_NAMES: Mapping[type[errors.HubError], str] = MappingProxyType(
    {
        ours.MissingHeaders: "MISSING_HEADERS",
        ours.MissingParameters: "MANDATORY_PARAMS_NOT_FOUND",
        ours.UnsupportedType: "UNSUPPORTED_TYPE",
        ours.WrongSyntax: "WRONG_SYNTAX",
        ours.FixedId: "BAD_REQUEST",
        ours.DuplicateGroup: "DUPLICATE_GROUP",
        ours.DuplicateDevice: "DUPLICATE_DEVICE_ID",
        ours.GroupNotFound: "DEVICE_GROUP_NOT_FOUND",
        ours.DeviceNotFound: "DEVICE_NOT_FOUND",
        ours.MismatchedService: "MISMATCHED_SERVICE",
        ours.EndpointNotFound: "ENDPOINT_NOT_FOUND",
        ours.DeviceFails: "DEVICE_ENDPOINT_ERROR",
        errors.InvalidRequest: "WRONG_SYNTAX",
        errors.NotAuthenticated: "AUTHENTICATION_ERROR",
        errors.NotAllowed: "ACCESS_FORBIDDEN",
        errors.NotFound: "NOT_FOUND",
        errors.Conflict: "CONFLICT",
        errors.TooLarge: "BAD_PAYLOAD",
        errors.TooMany: "TOO_MANY_REQUESTS",
        errors.Unavailable: "REGISTRY_NOT_AVAILABLE",
        errors.HubError: "GENERIC_ERROR",
    }
)
_INTRODUCTIONS: Mapping[str, str] = MappingProxyType(
    {
        "MISSING_HEADERS": "Some headers were missing from the request: ",
        "WRONG_SYNTAX": "Wrong syntax in request: ",
        "MISSING_ATTRIBUTES": "The request was not well formed: ",
        "MANDATORY_PARAMS_NOT_FOUND": "Some of the mandatory params weren't found in the request: ",
    }
)
_REASONS: Mapping[Reason, tuple[int, str]] = MappingProxyType(
    {
        Reason.UNKNOWN_APIKEY: (404, "DEVICE_GROUP_NOT_FOUND"),
        Reason.UNKNOWN_DEVICE: (404, "DEVICE_NOT_FOUND"),
        Reason.QUOTA_REACHED: (403, "QUOTA_REACHED"),
        Reason.TOO_MANY_MEASURES: (429, "TOO_MANY_MEASURES"),
        Reason.NOT_GRANTED: (403, "ACCESS_FORBIDDEN"),
        Reason.MALFORMED_JSON: (400, "BAD_PAYLOAD"),
        Reason.TOO_LARGE: (413, "BAD_PAYLOAD"),
        Reason.BAD_TIMESTAMP: (400, "BAD_TIMESTAMP"),
        Reason.NOT_A_POSITION: (400, "BAD_GEOCOORDINATES"),
        Reason.BROKER_REFUSES: (400, "ENTITY_GENERIC_ERROR"),
        Reason.BROKER_FAILS: (500, "ENTITY_GENERIC_ERROR"),
        Reason.INGEST_FAILS: (500, "GENERIC_ERROR"),
    }
)


class AgentProblem(BaseModel):
    """Why a request is refused, as the IoT agent says it."""

    name: str = Field(description="Code of the error", examples=["WRONG_SYNTAX"])
    message: str = Field(description="What is wrong, naming the field")


def responses(*statuses: int) -> dict[int | str, dict[str, object]]:
    """Document the errors of a route in the agent's dialect."""
    return {status: {"model": AgentProblem, "description": f"Refused ({status})"} for status in statuses}


def answers(model: type[BaseModel], *statuses: int) -> dict[int | str, dict[str, object]]:
    """Document what a route answers with beside its errors; stored documents are answered as they are."""
    return {200: {"model": model, "description": "Found"}, **responses(*statuses)}


def refusal(status: int, name: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Answer in the agent's dialect."""
    return JSONResponse({"name": name, "message": message}, status, headers=dict(headers or {}))


def refuse_measure(refused: Refusal) -> Response:
    """Answer that a measure is refused."""
    status, name = _REASONS.get(refused.reason, (400, "WRONG_SYNTAX"))
    headers = {} if refused.retry_after_s is None else {"Retry-After": str(refused.retry_after_s)}
    return refusal(status, name, refused.detail, headers)


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.HubError)
    name = next(_NAMES[kind] for kind in type(error).__mro__ if kind in _NAMES)
    field = f"{error.field}: " if error.field and error.field not in error.detail else ""
    headers = {}
    if isinstance(error, errors.Unavailable):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, errors.RateLimited):
        headers.update(error.headers)
    if isinstance(error, errors.NotAuthenticated):
        headers["WWW-Authenticate"] = error.challenge
    message = f"{_INTRODUCTIONS.get(name, '')}{field}{error.detail}"
    return refusal(status_of(error), name, message, headers)


async def _refuse_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fault = error.errors()[0]
    where = ".".join(str(part) for part in fault["loc"] if part != "body") or "body"
    words = str(fault["msg"]).removeprefix("Value error, ")
    name = "MISSING_ATTRIBUTES" if fault["type"] == "missing" and fault["loc"][-1] == "device_id" else "WRONG_SYNTAX"
    return refusal(400, name, f"{_INTRODUCTIONS[name]}{where}: {words}")


async def _refuse_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    name = {400: "WRONG_SYNTAX", 404: "NOT_FOUND", 405: "METHOD_NOT_IMPLEMENTED"}.get(error.status_code, "BAD_REQUEST")
    return refusal(error.status_code, name, f"{request.method} {request.url.path}: {error.detail}", error.headers)


async def _fail(request: Request, error: Exception) -> Response:
    return refusal(500, "GENERIC_ERROR", "The service fails; the log has the reason under this Fiware-Correlator")


_HANDLERS: Mapping[type[Exception], Handler] = {
    errors.HubError: _refuse,
    RequestValidationError: _refuse_validation,
    HTTPException: _refuse_http,
    Exception: _fail,
}


def install(app: FastAPI, paths: tuple[str, ...] = AGENT_PATHS) -> None:
    """Speak the agent's dialect on paths that begin so, and leave the others as they are."""
    for kind, agent in _HANDLERS.items():
        other = cast("Handler | None", app.exception_handlers.get(kind))
        app.add_exception_handler(kind, _choosing(agent, other, paths))


def _choosing(agent: Handler, other: Handler | None, paths: tuple[str, ...]) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        handler = agent if request.url.path.startswith(paths) or other is None else other
        return await handler(request, error)

    return answer
