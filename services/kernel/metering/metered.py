"""Pure ASGI middleware that counts the requests of a FastAPI application."""

from services.kernel.errors import InvalidRequest
from services.kernel.metering.kinds import Kind
from services.kernel.metering.meter import Meter
from services.kernel.ratelimit.standing import Standing
from services.kernel.telemetry import AsgiApp, Message, Receive, Scope, Send
from services.kernel.tenancy import name_in_headers

_OWN_PATHS = ("/health/", "/metrics", "/docs", "/openapi.json", "/static/", "/tenant-data/")
_ANYBODY = "anonymous"


class Metered:
    """Counts what is answered with success, under the tenant of the headers and the client that was identified."""

    def __init__(self, app: AsgiApp, meter: Meter, *, batches: tuple[str, ...] = ()) -> None:
        self._app = app
        self._meter = meter
        self._batches = batches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"].startswith(_OWN_PATHS):
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] < 400:
                    self._count(scope)
                _tell(message, scope["state"].get("rate_limit"))
            await send(message)

        await self._app(scope, receive, send_counted)

    def _count(self, scope: Scope) -> None:
        try:
            tenant = name_in_headers(
                {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}
            )
        except InvalidRequest:
            return
        principal = scope["state"].get("principal")
        client = _ANYBODY if principal is None else principal.client_id
        is_batch = scope["method"] not in ("GET", "HEAD") and scope["path"].startswith(self._batches or ("\n",))
        kind: Kind = "batch" if is_batch else "interactive"
        self._meter.count_call(tenant, client, kind)


def _tell(message: Message, standing: Standing | None) -> None:
    """Add the headers that say what is left of the tenant's quotas of requests."""
    if standing is not None:
        told = [(name.lower().encode(), text.encode()) for name, text in standing.headers]
        message["headers"] = [*message.get("headers", ()), *told]
