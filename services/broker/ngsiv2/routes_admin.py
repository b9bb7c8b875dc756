"""Entry point, version, statistics and log settings, as clients of Orion rely on them (Orion, Management API)."""

import logging
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any, Final, TypeAlias

from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.http.route import Parameter, Route
from services.broker.ngsiv2 import words
from services.kernel.errors import InvalidRequest

Handler: TypeAlias = Callable[[Call], Awaitable[Response]]
ORION_VERSION: Final = "4.7.0"
_STARTED: Final = time.monotonic()
_LEVELS: Final = {
    "NONE": logging.CRITICAL,
    "FATAL": logging.CRITICAL,
    "ERROR": logging.ERROR,
    "WARN": logging.WARNING,
    "WARNING": logging.WARNING,
    "INFO": logging.INFO,
    "DEBUG": logging.DEBUG,
}
_LEVEL_NAMES: Final = {logging.CRITICAL: "FATAL", logging.WARNING: "WARN"}


async def retrieve_entry(call: Call) -> Response:
    """Answer GET /v2."""
    names = ("entities", "types", "subscriptions", "registrations")
    return json_response({f"{name}_url": f"/v2/{name}" for name in names})


async def retrieve_version(call: Call) -> Response:
    """Answer GET /version: the version of Orion whose behaviour is kept, and our own beside."""
    document = {
        "version": ORION_VERSION,
        "uptime": _uptime(),
        "git_hash": "nogitversion",
        "compile_time": "n/a",
        "compiled_by": "hiroba",
        "compiled_in": "n/a",
        "release_date": "n/a",
        "machine": "n/a",
        "doc": "https://fiware-orion.rtfd.io/en/4.7.0/",
        "hiroba": version("hiroba"),
    }
    return json_response({"orion": document})


def _uptime() -> str:
    seconds = int(time.monotonic() - _STARTED)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{day} d, {hour} h, {minute} m, {second} s"


async def retrieve_statistics(call: Call) -> Response:
    """Answer GET /statistics."""
    seconds = int(time.monotonic() - _STARTED)
    return json_response({"uptime_in_secs": seconds, "measuring_interval_in_secs": seconds})


async def reset_statistics(call: Call) -> Response:
    """Answer DELETE /statistics and DELETE /cache/statistics; the figures themselves are at /metrics."""
    return json_response({"message": "All statistics counter reset"})


async def retrieve_cache(call: Call) -> Response:
    """Answer GET /cache/statistics: nothing in memory is the truth, so there is nothing to miss."""
    return json_response({"ids": "", "refresh": 0, "inserts": 0, "removes": 0, "updates": 0, "items": 0})


async def retrieve_metrics(call: Call) -> Response:
    """Answer GET /admin/metrics; the figures of this service are at /metrics in the Prometheus format."""
    return json_response({"services": {}, "sum": {"sum": {"incomingTransactions": 0}, "subservs": {}}})


async def reset_metrics(call: Call) -> Response:
    """Answer DELETE /admin/metrics."""
    return Response(204)


async def retrieve_log(call: Call) -> Response:
    """Answer GET /admin/log."""
    level = logging.getLogger().getEffectiveLevel()
    return json_response(
        {
            "level": _LEVEL_NAMES.get(level, logging.getLevelName(level)),
            "infoPayloadMaxSize": 0,
            "lineMaxSize": 32 * 1024,
            "deprecate": False,
        }
    )


async def set_log(call: Call) -> Response:
    """Answer PUT /admin/log?level=…. Raises InvalidRequest."""
    parameters = call.request.parameters
    known = {"level", "infoPayloadMaxSize", "lineMaxSize", "deprecate"}
    if known.isdisjoint(parameters.names):
        raise InvalidRequest("log level missing", field="level")
    level = parameters.get("level")
    if level is not None:
        if level.upper() not in _LEVELS:
            raise InvalidRequest("invalid log level", field="level")
        logging.getLogger().setLevel(_LEVELS[level.upper()])
    return Response(200)


async def retrieve_trace(call: Call) -> Response:
    """Answer GET /log/trace: there are no trace levels."""
    return json_response({"tracelevels": "empty"})


async def retrieve_semaphores(call: Call) -> Response:
    """Answer GET /admin/sem: there are no semaphores, so none is taken."""
    names = ("alarmMgr", "connectionContext", "dbConnection", "metrics", "request", "subCache", "transaction")
    return json_response({name: {"status": "free"} for name in names})


_TAG = "NGSIv2 administration"
_OBJECT = {"type": "object"}


def routes() -> tuple[Route, ...]:
    """Return the routes that are not about context data."""
    level = Parameter(
        "level", "Least level that is logged", {"type": "string", "enum": sorted(_LEVELS)}, example="INFO"
    )
    version_example = {"orion": {"version": ORION_VERSION, "uptime": "0 d, 0 h, 5 m, 0 s"}}
    statistics_example = {"uptime_in_secs": 300, "measuring_interval_in_secs": 300}
    table: tuple[tuple[str, str, Handler, str, str, dict[str, Any]], ...] = (
        ("GET", "/v2", retrieve_entry, "read", "List the resources", {"entities_url": "/v2/entities"}),
        ("GET", "/version", retrieve_version, "read", "Read the version", version_example),
        ("GET", "/statistics", retrieve_statistics, "admin", "Read statistics", statistics_example),
        ("DELETE", "/statistics", reset_statistics, "admin", "Reset statistics", {}),
        ("GET", "/cache/statistics", retrieve_cache, "admin", "Read statistics of caches", {"items": 0}),
        ("DELETE", "/cache/statistics", reset_statistics, "admin", "Reset statistics of caches", {}),
        ("GET", "/admin/metrics", retrieve_metrics, "admin", "Read Orion's metrics", {"services": {}}),
        ("GET", "/admin/log", retrieve_log, "admin", "Read the log settings", {"level": "INFO"}),
        ("GET", "/admin/sem", retrieve_semaphores, "admin", "Read the semaphores", {}),
        ("GET", "/log/trace", retrieve_trace, "admin", "Read the trace levels", {"tracelevels": "empty"}),
    )
    answers = tuple(
        Route(
            method,
            template,
            handler,
            action,
            words.describe(summary, _TAG, (), {200: words.json_body(summary, _OBJECT, example)}),
        )
        for method, template, handler, action, summary, example in table
    )
    reset = words.describe("Reset Orion's metrics", _TAG, (), {204: words.nothing("Done")})
    log = words.describe("Set the log level", _TAG, (level,), {200: words.nothing("Done")})
    return (
        *answers,
        Route("DELETE", "/admin/metrics", reset_metrics, "admin", reset),
        Route("PUT", "/admin/log", set_log, "admin", log),
    )
