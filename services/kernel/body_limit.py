"""Limits of request bodies, announced or streamed."""

import functools
from collections.abc import Callable, Mapping

from starlette.responses import Response

from services.kernel import problems
from services.kernel.errors import TooLarge
from services.kernel.telemetry import AsgiApp, Message, Receive, Scope, Send

Refusal = Callable[[str], Response]


class BodyLimits:
    """Pure ASGI middleware that holds bodies to the limit of their path."""

    def __init__(self, app: AsgiApp, limit_bytes: int, limits: Mapping[str, int]) -> None:
        self._other = BodyLimit(app, limit_bytes)
        self._limits = [(path, BodyLimit(app, limit)) for path, limit in limits.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = str(scope.get("path", ""))
        limited = next((each for start, each in self._limits if path.startswith(start)), self._other)
        await limited(scope, receive, send)


class BodyLimit:
    """Pure ASGI middleware that refuses bodies over a limit, announced or streamed.

    An app that reads too much of a stream gets TooLarge; what it answers then is replaced, unless it is a 413 itself.
    `refusal` makes the answer of the words for it, a problem if nothing else is said.
    """

    def __init__(self, app: AsgiApp, limit_bytes: int, refusal: Refusal | None = None) -> None:
        self._app = app
        self._limit = limit_bytes
        self._refusal = refusal or functools.partial(problems.problem, 413)
        self._detail = f"The body is larger than {limit_bytes} bytes"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        announced = _announced_length(scope)
        if announced is None:
            await self._serve_stream(scope, receive, send)
        elif announced <= self._limit:
            await self._app(scope, receive, send)
        else:
            await self._refusal(self._detail)(scope, receive, send)

    async def _serve_stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0
        is_replaced = False
        is_started = False

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise TooLarge(self._detail)
            return message

        async def send_unless_replaced(message: Message) -> None:
            nonlocal is_replaced, is_started
            if received > self._limit and not is_started and message.get("status") != 413:
                is_replaced = True
            if not is_replaced:
                is_started = True
                await send(message)

        try:
            await self._app(scope, receive_within_limit, send_unless_replaced)
        except TooLarge:
            is_replaced = not is_started
        if is_replaced:
            await self._refusal(self._detail)(scope, receive, send)


def _announced_length(scope: Scope) -> int | None:
    if scope["type"] != "http":
        return 0
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None
