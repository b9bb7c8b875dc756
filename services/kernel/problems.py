"""Errors as RFC 9457 problem details: the dialect of `auth`, `catalog`, `ingest` and whatever is not an NGSI face."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from services.kernel import errors

STATUS: dict[type[errors.HubError], int] = {
    errors.InvalidRequest: 400,
    errors.NotAuthenticated: 401,
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.AlreadyExists: 409,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.Unprocessable: 422,
    errors.NotSupported: 501,
    errors.TooComplex: 403,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    errors.HubError: 500,
}


class Problem(BaseModel):
    """Why a request is refused (RFC 9457)."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [{"title": "Not Found", "status": 404}]})

    type: str = Field("about:blank", description="Kind of problem")
    title: str = Field(description="The kind in words")
    status: int = Field(description="HTTP status")
    detail: str | None = Field(None, description="What is wrong in this request")
    field: str | None = Field(None, description="Where in the request it is wrong")


RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": HTTPStatus(status).phrase}
    for status in (400, 401, 403, 404, 409, 413, 422, 429, 503)
}


def status_of(error: errors.HubError) -> int:
    """Return the HTTP status of an error: that of its nearest class in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem(status: int, detail: str | None, **more: object) -> Response:
    """Answer with a problem."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}
    kept = {name: value for name, value in body.items() if value is not None}
    return JSONResponse(kept, status, media_type="application/problem+json")


def refusal(error: errors.HubError) -> Response:
    """Answer with what an error says."""
    status = status_of(error)
    response = problem(status, error.detail, field=error.field, **error.more)
    if isinstance(error, errors.Unavailable):
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, errors.RateLimited):
        response.headers.update(dict(error.headers))
    if isinstance(error, errors.NotAuthenticated):
        response.headers["WWW-Authenticate"] = error.challenge
    return response


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.HubError)
    return refusal(error)


async def _refuse_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [_fault(each) for each in error.errors()]
    return problem(400, faults[0]["detail"], field=faults[0]["field"], errors=faults)


def _fault(error: Mapping[str, Any]) -> dict[str, str]:
    """Tell a fault with the name of its field, without the part of the request that holds it."""
    part, *place = (str(each) for each in error["loc"])
    if error["type"] == "json_invalid":
        reason = error.get("ctx", {}).get("error", "unreadable")
        return {"field": part, "detail": f"The {part} is not valid JSON: {reason} at character {place[0]}"}
    field = ".".join(place) or part
    return {"field": field, "detail": f"{field}: {error['msg']}"}


async def _refuse_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = problem(error.status_code, error.detail)
    response.headers.update(error.headers or {})
    return response


async def _fail(request: Request, error: Exception) -> Response:
    return failure()


def failure() -> Response:
    """Answer that the service fails."""
    return problem(500, "The service fails; the log has the reason under this Fiware-Correlator")


def install(app: FastAPI) -> None:
    """Make every error of an app a problem, and say so in its OpenAPI document."""
    _correct_document(app)
    app.add_exception_handler(errors.HubError, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_validation)
    app.add_exception_handler(HTTPException, _refuse_http)
    app.add_exception_handler(Exception, _fail)


def _correct_document(app: FastAPI) -> None:
    """Document refused input as it is answered: a problem with status 400, where FastAPI assumes its own 422."""
    build = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = build()
            for operation in _operations(document):
                _correct_responses(operation["responses"])
            for name in ("HTTPValidationError", "ValidationError"):
                document.get("components", {}).get("schemas", {}).pop(name, None)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _operations(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = [item for path in document["paths"].values() for item in path.values()]
    return [item for item in items if isinstance(item, dict) and "responses" in item]


def _correct_responses(responses: dict[str, Any]) -> None:
    if _schema_name(responses.get("422", {})) == "HTTPValidationError":
        del responses["422"]
    for response in responses.values():
        if _schema_name(response) == "Problem":
            response["content"] = {"application/problem+json": response["content"]["application/json"]}


def _schema_name(response: Mapping[str, Any]) -> str:
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).rpartition("/")[2]
