"""What a service tells of itself: JSON log lines with the Fiware-Correlator, and Prometheus metrics."""

import logging
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from typing import Any

import orjson
from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, PlatformCollector, ProcessCollector

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

correlator: ContextVar[str] = ContextVar("correlator", default="")
_log = logging.getLogger("hiroba.http")
_STANDARD_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_LONGEST_CORRELATOR = 200


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, service, correlator, a constant sentence, and its fields."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if correlator.get():
            line["correlator"] = correlator.get()
        line.update({name: value for name, value in record.__dict__.items() if name not in _STANDARD_FIELDS})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def configure_logging(service: str, level: str) -> None:
    """Send all log records of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    for noisy in ("uvicorn.access", "httpx", "httpcore", "alembic", "amqtt"):
        logging.getLogger(noisy).setLevel("WARNING")


class HttpMetrics:
    """Requests and their durations, by method, route template and status."""

    def __init__(self, registry: CollectorRegistry) -> None:
        names = ("method", "route", "status")
        self.requests = Counter("hiroba_http_requests", "HTTP requests", names, registry=registry)
        self.seconds = Histogram(
            "hiroba_http_request_seconds", "Duration of HTTP requests", names[:2], buckets=_BUCKETS, registry=registry
        )
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one finished request."""
        key = (method, route, status)
        children = self._known.get(key)
        if children is None:
            children = self.requests.labels(method, route, str(status)), self.seconds.labels(method, route)
            self._known[key] = children
        children[0].inc()
        children[1].observe(seconds)


def create_registry() -> CollectorRegistry:
    """Make a registry of its own for one app, with the figures of the process."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


class Telemetry:
    """Pure ASGI middleware, the outermost: correlator in and out, metrics, a log line for what fails.

    A face names its route template in `scope["route_template"]`; FastAPI's comes from `scope["route"]`.
    """

    def __init__(self, app: AsgiApp, metrics: HttpMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = _incoming(scope) or str(uuid.uuid4())
        token = correlator.set(identifier)
        started = time.perf_counter()
        status = 500
        header = (b"fiware-correlator", identifier.encode("latin-1"))

        async def send_with_correlator(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), header]
            await send(message)

        try:
            await self._app(scope, receive, send_with_correlator)
        finally:
            seconds = time.perf_counter() - started
            route = str(scope.get("route_template") or getattr(scope.get("route"), "path", "unknown"))
            self._metrics.observe(scope["method"], route, status, seconds)
            if status >= 500 or _log.isEnabledFor(logging.DEBUG):
                level = logging.WARNING if status >= 500 else logging.DEBUG
                fields = {"method": scope["method"], "route": route, "status": status, "seconds": round(seconds, 6)}
                _log.log(level, "A request is answered", extra=fields)
            correlator.reset(token)


def _incoming(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"fiware-correlator":
            text = value.decode("latin-1")[:_LONGEST_CORRELATOR]
            return text if text.isprintable() else ""
    return ""
