"""An HTTP request as a face reads it: decoded path segments, query parameters, headers, body."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

from services.kernel.errors import InvalidRequest
from services.kernel.telemetry import Receive, Scope

MOST_PARAMETERS = 200
_DEEPEST = 50
_NESTING = (dict, list)


class MalformedJson(InvalidRequest):
    """The body is not valid JSON"""


class Request:
    """One request. Header names are lower-case; a repeated header is joined with commas (RFC 9110 5.3)."""

    __slots__ = ("_receive", "headers", "is_tidy", "method", "parameters", "raw_query", "segments", "template")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self.method: str = scope["method"]
        path = scope.get("raw_path") or scope["path"].encode()
        whole = path.split(b"?", 1)[0].decode("latin-1")
        parts = whole.strip("/").split("/")
        self.is_tidy: bool = "//" not in whole
        """Whether the path has no empty segment; a slash may stand at its end."""
        self.segments: tuple[str, ...] = tuple(unquote(part) if "%" in part else part for part in parts)
        self.raw_query: str = scope["query_string"].decode("latin-1")
        self.parameters = Parameters(self.raw_query)
        headers: dict[str, str] = {}
        for name, value in scope["headers"]:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        self.headers = headers
        self.template = ""

    async def body(self) -> bytes:
        """Read the whole body."""
        message = await self._receive()
        if not message.get("more_body"):
            return bytes(message.get("body", b""))
        chunks = [message.get("body", b"")]
        while message.get("more_body"):
            message = await self._receive()
            chunks.append(message.get("body", b""))
        return b"".join(chunks)

    async def gone(self) -> None:
        """Return once the client has closed the connection; the body, if there is any, is passed over."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def json(self) -> Any:
        """Read the body as JSON, at most 50 levels deep. Raises MalformedJson."""
        return read_json(await self.body())


def read_json(body: bytes) -> Any:
    """Read JSON, at most 50 levels deep. Raises MalformedJson."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise MalformedJson(f"The body is not valid JSON: {error}") from error
    if body.count(b"[") + body.count(b"{") > _DEEPEST and _depth(value) > _DEEPEST:
        raise MalformedJson(f"The body is nested more than {_DEEPEST} levels deep")
    return value


class Parameters:
    """The query parameters, in order; a parameter may be there without a value."""

    __slots__ = ("_pairs", "are_too_many")

    def __init__(self, raw: str) -> None:
        self.are_too_many: bool = raw.count("&") >= MOST_PARAMETERS
        """Whether there are more than are read; then none is."""
        is_read = raw and not self.are_too_many
        self._pairs: list[tuple[str, str]] = parse_qsl(raw, keep_blank_values=True) if is_read else []

    def get(self, name: str) -> str | None:
        """Return the first value of a parameter, or None."""
        for key, value in self._pairs:
            if key == name:
                return value
        return None

    def words(self, name: str) -> list[str]:
        """Return the comma-separated words of a parameter; none if it is absent or empty."""
        value = self.get(name)
        return [word.strip() for word in value.split(",")] if value else []

    @property
    def names(self) -> Iterable[str]:
        """The names of all parameters."""
        return [name for name, _ in self._pairs]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """All parameters."""
        return self._pairs


def _depth(value: Any) -> int:
    """Return how many levels JSON has: a number has one, an object of numbers two."""
    deepest = 1
    level = [value] if isinstance(value, _NESTING) else []
    while level:
        children = [child for each in level for child in (each.values() if type(each) is dict else each)]
        level = [child for child in children if type(child) is dict or type(child) is list]
        deepest += bool(children)
    return deepest
