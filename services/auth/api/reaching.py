"""Pure ASGI middleware: a request reaches no tenant's rows until its route says who acts."""

from services.auth.store.reach import NOTHING, reaching
from services.kernel.telemetry import AsgiApp, Receive, Scope, Send


class Reaching:
    """Keeps what one request reaches from the next."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        with reaching(NOTHING):
            await self._app(scope, receive, send)
