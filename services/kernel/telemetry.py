"""What a service tells of itself: JSON log lines with the Fiware-Correlator, and Prometheus metrics."""

import logging
import random
import sys
import time
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextvars import ContextVar
from itertools import accumulate
from typing import Any

import orjson
from prometheus_client import CollectorRegistry, GCCollector, Metric, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

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
_random = random.Random()  # noqa: S311


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
    for noisy in ("uvicorn.access", "httpx", "httpcore", "alembic", "amqtt", "authlib"):  # Authlib tells whole tokens
        logging.getLogger(noisy).setLevel("WARNING")


class _Durations:
    """How many requests took how long: a count for each bucket, the last for what is longer, and their sum."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(_BUCKETS) + 1)
        self.seconds = 0.0

    def cumulated(self) -> list[tuple[str, float]]:
        """Return the counts as Prometheus wants them: up to each bound."""
        bounds = [*map(str, map(float, _BUCKETS)), "+Inf"]
        return list(zip(bounds, accumulate(map(float, self.counts)), strict=True))


class HttpMetrics(Collector):
    """Requests and their durations, by method, route template and status.

    They are counted in plain numbers by the event loop's thread, which costs a fifth of the client library's locked
    values, and shown as metrics when they are asked for.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests: dict[tuple[str, str, int], int] = {}
        self._durations: dict[tuple[str, str], _Durations] = {}
        registry.register(self)

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one finished request."""
        key = (method, route, status)
        self._requests[key] = self._requests.get(key, 0) + 1
        durations = self._durations.get((method, route))
        if durations is None:
            durations = self._durations[method, route] = _Durations()
        durations.counts[bisect_left(_BUCKETS, seconds)] += 1
        durations.seconds += seconds

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        requests = CounterMetricFamily("hiroba_http_requests", "HTTP requests", labels=("method", "route", "status"))
        for (method, route, status), count in list(self._requests.items()):
            requests.add_metric((method, route, str(status)), count)
        yield requests
        name, words = "hiroba_http_request_seconds", "Duration of HTTP requests"
        seconds = HistogramMetricFamily(name, words, labels=("method", "route"))
        for labels, each in list(self._durations.items()):
            seconds.add_metric(labels, each.cumulated(), each.seconds)
        yield seconds


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
        identifier = _incoming(scope) or _new_identifier()
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


def _new_identifier() -> str:
    """Return a random UUID (RFC 9562, version 4): it names a request in the log and is no secret."""
    digits = f"{_random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _incoming(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"fiware-correlator":
            text = value.decode("latin-1")[:_LONGEST_CORRELATOR]
            return text if text.isprintable() else ""
    return ""
