"""A face's route table as a fragment of an OpenAPI 3.1 document; main merges both faces' into FastAPI's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from services.broker.http.route import Content, Operation, Parameter, Route

_SEGMENT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class FaceDescription:
    """What a face says of itself: what its named path segments are, and its tags (name to description)."""

    segments: Mapping[str, str]
    tags: Mapping[str, str] = field(default_factory=dict)


def add_routes(app: FastAPI, routes: tuple[Route, ...], description: FaceDescription) -> None:
    """Put a face's routes into the OpenAPI document of the app that serves them before FastAPI does."""
    described = app.openapi

    def with_routes() -> dict[str, Any]:
        document = described()
        paths = openapi_paths(routes, description.segments)
        tags = [{"name": name, "description": text} for name, text in description.tags.items()]
        known = {tag["name"] for tag in document.get("tags", ())}
        return {
            **document,
            "paths": {**document.get("paths", {}), **paths},
            "tags": [*document.get("tags", ()), *(tag for tag in tags if tag["name"] not in known)],
        }

    app.openapi = with_routes  # type: ignore[method-assign]


def openapi_paths(routes: tuple[Route, ...], segments: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the `paths` member for routes. `segments` describes each named path segment."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.template, {})[route.method.lower()] = _operation(route, segments)
    return paths


def _operation(route: Route, segments: Mapping[str, str]) -> dict[str, Any]:
    words = route.operation
    described: dict[str, Any] = {
        "operationId": _operation_id(route),
        "summary": words.summary,
        "description": words.description or words.summary,
        "tags": [words.tag] if words.tag else [],
        "parameters": [*_path_parameters(route.template, segments), *map(_parameter, words.parameters)],
        "responses": _responses(words),
        "security": [{}, {"HTTPBearer": []}],
    }
    if words.request is not None:
        described["requestBody"] = {
            "description": words.request.description,
            "required": True,
            "content": _content(words.request),
        }
    return described


def _operation_id(route: Route) -> str:
    path = re.sub(r"\W+", "_", route.template).strip("_")
    return f"{route.method.lower()}_{path}"


def _path_parameters(template: str, segments: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "description": segments[name], "schema": {"type": "string"}}
        for name in _SEGMENT.findall(template)
    ]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }
    if parameter.example is not None:
        described["example"] = parameter.example
    return described


def _responses(words: Operation) -> dict[str, Any]:
    return {str(status): _response(status, content) for status, content in sorted(words.responses.items())}


def _response(status: int, content: Content) -> dict[str, Any]:
    described: dict[str, Any] = {"description": content.description or HTTPStatus(status).phrase}
    if content.media_types:
        described["content"] = _content(content)
    if content.headers:
        described["headers"] = {
            name: {"description": text, "schema": {"type": "string"}} for name, text in content.headers.items()
        }
    return described


def _content(content: Content) -> dict[str, Any]:
    examples = {name: {"value": value} for name, value in content.examples.items()}
    return {
        media_type: {"schema": dict(schema), **({"examples": examples} if examples else {})}
        for media_type, schema in content.media_types.items()
    }
