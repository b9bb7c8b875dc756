"""Pure ASGI middleware that notes what is changed and refused at a FastAPI application."""

from typing import Final

from services.kernel.audit.trail import Deed, Trail
from services.kernel.errors import InvalidRequest
from services.kernel.telemetry import AsgiApp, Message, Receive, Scope, Send
from services.kernel.tenancy import name_in_headers

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
REFUSED: Final = frozenset({401, 403, 429})


class Audited:
    """Notes every request that changes something with success, and every one that is refused for want of a right."""

    def __init__(self, app: AsgiApp, trail: Trail) -> None:
        self._app = app
        self._trail = trail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, int(message["status"]))
            await send(message)

        await self._app(scope, receive, send_noted)

    def _note(self, scope: Scope, status: int) -> None:
        is_act = status < 400 and scope["method"] not in _READING
        if not is_act and status not in REFUSED:
            return
        principal = scope["state"].get("principal")
        actor = "" if principal is None else principal.subject
        template = scope.get("route_template") or getattr(scope.get("route"), "path", scope["path"])
        action = f"{scope['method']} {template}"
        self._trail.note(Deed(actor, action, scope["path"], status, _tenant(scope)))


def _tenant(scope: Scope) -> str:
    try:
        return name_in_headers({name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]})
    except InvalidRequest:
        return ""
