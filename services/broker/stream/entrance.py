"""The way in for browsers: EventSource sends no headers of its own, so parameters may stand for them."""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from services.broker.ngsild.context import CONTEXT_RELATION
from services.broker.stream.tickets import Tickets
from services.kernel import problems
from services.kernel.errors import NotAuthenticated
from services.kernel.telemetry import AsgiApp, Receive, Scope, Send

_HEADERS: Final = {
    "tenant": "fiware-service",
    "servicePath": "fiware-servicepath",
    "lastEventId": "last-event-id",
    "context": "link",
    "ticket": "authorization",
}


class Entrance:
    """Pure ASGI: turns parameters into headers before a face reads the request, so that one set of rules decides."""

    def __init__(self, app: AsgiApp, tickets: Tickets) -> None:
        self._app = app
        self._tickets = tickets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not _takes_events(scope):
            await problems.problem(406, "A stream is text/event-stream")(scope, receive, send)
            return
        try:
            inner = self._translated(scope)
        except NotAuthenticated as error:
            await problems.problem(401, error.detail)(scope, receive, send)
            return
        await self._app(inner, receive, send)
        scope["route_template"] = inner.get("route_template", "unknown")

    def _translated(self, scope: Scope) -> Scope:
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=200)
        given = [(name, value) for name, value in pairs if name in _HEADERS]
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept"]
        there = {name for name, _ in headers}
        for name, value in given:
            header = _HEADERS[name].encode()
            if name in ("lastEventId", "ticket") and header in there:
                continue  # a reader that returns says by header where it is
            headers.append((header, self._value(name, value).encode("latin-1", "replace")))
        query = urlencode([(name, value) for name, value in pairs if name not in _HEADERS])
        return {**scope, "headers": headers, "query_string": query.encode()}

    def _value(self, name: str, value: str) -> str:
        if name == "context":
            return f'<{value.replace(">", "")}>; rel="{CONTEXT_RELATION}"'
        return self._tickets.open(value) if name == "ticket" else value


def _takes_events(scope: Scope) -> bool:
    accepted = [value.decode("latin-1") for name, value in scope["headers"] if name == b"accept"]
    ranges = {part.partition(";")[0].strip().lower() for value in accepted for part in value.split(",")}
    return not ranges or not ranges.isdisjoint({"text/event-stream", "text/*", "*/*"})
