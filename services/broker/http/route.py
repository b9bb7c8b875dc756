"""A face's routes: method, path template, what a grant must allow, and the words for its OpenAPI description."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from services.broker.http.response import Response


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query or header parameter of an operation; `schema` is its JSON Schema."""

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    place: str = "query"
    required: bool = False
    example: Any = None


@dataclass(frozen=True, slots=True)
class Content:
    """A body by media type: JSON Schema and examples."""

    description: str
    media_types: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """How an operation is described."""

    summary: str
    description: str = ""
    tag: str = ""
    parameters: tuple[Parameter, ...] = ()
    request: Content | None = None
    responses: Mapping[int, Content] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """`template` has `{name}` for a segment that varies, as `/v2/entities/{entityId}`.

    `action` is what a grant must allow: `read`, `write`, `subscribe`, `register`, `admin`.
    """

    method: str
    template: str
    handler: Callable[[Any], Awaitable[Response]]
    action: str
    operation: Operation


Found: TypeAlias = tuple[dict[str, Route], list[str]]
"""The routes at a path by method, and the values of its named segments."""


_NAMED: Final = "{}"


class Router:
    """Finds the route of a request: by method and segments; literal segments win over named ones."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._root: dict[str, Any] = {}
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node = self._root
        for segment in route.template.strip("/").split("/"):
            node = node.setdefault(_NAMED if segment.startswith("{") else segment, {})
        node.setdefault("", {})[route.method] = route

    def find(self, segments: tuple[str, ...]) -> Found | None:
        """Return what is at a path; None where there is nothing."""
        node = self._root
        values = []
        for segment in segments:
            below = node.get(segment) if segment and segment != _NAMED else None
            if below is None:
                below = node.get(_NAMED) if segment else None
                values.append(segment)
            if below is None:
                return _descend(self._root, segments, [])
            node = below
        methods: dict[str, Route] | None = node.get("")
        return _descend(self._root, segments, []) if methods is None else (methods, values)


def _descend(node: dict[str, Any], segments: tuple[str, ...], values: list[str]) -> Found | None:
    if not segments:
        methods: dict[str, Route] | None = node.get("")
        return None if methods is None else (methods, values)
    head, rest = segments[0], segments[1:]
    if head and head != _NAMED and head in node:
        found = _descend(node[head], rest, values)
        if found is not None:
            return found
    if head and _NAMED in node:
        return _descend(node[_NAMED], rest, [*values, head])
    return None
