"""Pure ASGI middleware that records what is done and refused at auth, before it is answered."""

import logging
from typing import Any

from services.auth.operations.audit_log import AuditLog
from services.kernel.audit.chain import Act
from services.kernel.clock import system_clock, to_iso
from services.kernel.errors import Unavailable
from services.kernel.telemetry import AsgiApp, Message, Receive, Scope, Send, correlator

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_REFUSED = frozenset({401, 403, 429})
_HANDED_OVER = ("/usage/reports/", "/audit/segments/")
"""What the services send every few seconds, which is recorded where it happened."""

_log = logging.getLogger("hiroba.auth.audit")


class Auditing:
    """Records every request that changes something or asks for a token, and every refusal for want of a grant."""

    def __init__(self, app: AsgiApp, log: AuditLog) -> None:
        self._app = app
        self._audit_log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["state"] = dict(scope.get("state") or {})

        async def send_recorded(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._record(scope, int(message["status"]))
            await send(message)

        await self._app(scope, receive, send_recorded)

    async def _record(self, scope: Scope, status: int) -> None:
        is_act = scope["method"] not in _READING and not scope["path"].startswith(_HANDED_OVER)
        if not is_act and status not in _REFUSED:
            return
        try:
            await self._audit_log.append(_act(scope, status))
        except Unavailable:
            _log.warning("An act is not recorded", extra={"path": scope["path"], "status": status})


def _act(scope: Scope, status: int) -> Act:
    state: dict[str, Any] = scope["state"]
    principal = state.get("principal")
    route = str(getattr(scope.get("route"), "path", scope["path"]))
    parameters = scope.get("path_params") or {}
    return Act(
        at=to_iso(system_clock()),
        actor=_plain(principal.subject if principal is not None else state.get("actor", ""), 100),
        action=_plain(f"{scope['method']} {route}", 200),
        target=_plain(scope["path"], 500),
        status=status,
        tenant=_plain(parameters["name"], 50).lower() if route.startswith("/tenants/{name}") else None,
        correlator=_plain(correlator.get(), 100),
    )


def _plain(text: object, longest: int) -> str:
    """Return a text as it can be stored: what is not printable is shown by its code."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in str(text))[:longest]
