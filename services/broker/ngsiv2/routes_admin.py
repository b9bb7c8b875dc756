"""Entry point, version, statistics and log settings, as clients of Orion rely on them (Orion, Management API)."""

import platform
import time
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from typing import Any, Final, TypeAlias

from services.broker.domain.subscription import SubscriptionFace
from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.http.route import Parameter, Route
from services.broker.ngsiv2 import words
from services.broker.ngsiv2.access import tenant_to_read
from services.broker.ngsiv2.parameters import read_options
from services.broker.ngsiv2.render_figures import render_metrics, render_statistics
from services.broker.operations import subscriptions
from services.broker.operations.subscriptions import SubscriptionList
from services.kernel.paging import Page

Handler: TypeAlias = Callable[[Call], Awaitable[Response]]
ORION_VERSION: Final = "4.7.0"
_LIBRARIES: Final = ("aiohttp", "asyncpg", "fastapi", "orjson", "paho-mqtt", "pyproj", "shapely", "uvicorn")
_MOST_IDS: Final = 100


async def retrieve_entry(call: Call) -> Response:
    """Answer GET /v2."""
    names = ("entities", "types", "subscriptions", "registrations")
    return json_response({f"{name}_url": f"/v2/{name}" for name in names})


async def retrieve_version(call: Call) -> Response:
    """Answer GET /version: the version of Orion whose behaviour is kept, and our own beside.

    `options=libVersions` adds the versions of what it stands on.
    """
    options = read_options(call.request.parameters)
    document: dict[str, Any] = {
        "version": ORION_VERSION,
        "uptime": _uptime(call.broker.v2_figures.started),
        "git_hash": "nogitversion",
        "compile_time": "n/a",
        "compiled_by": "hiroba",
        "compiled_in": "n/a",
        "release_date": "n/a",
        "machine": platform.machine(),
        "doc": "https://fiware-orion.rtfd.io/en/4.7.0/",
        "hiroba": version("hiroba"),
    }
    if "libVersions" in options:
        document["libversions"] = {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}}
    return json_response({"orion": document})


def _uptime(started: float) -> str:
    seconds = int(time.monotonic() - started)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{day} d, {hour} h, {minute} m, {second} s"


async def retrieve_statistics(call: Call) -> Response:
    """Answer GET /statistics; the counters with `options=fullCounters`."""
    options = read_options(call.request.parameters)
    return json_response(render_statistics(call.broker.v2_figures, counters="fullCounters" in options))


async def reset_statistics(call: Call) -> Response:
    """Answer DELETE /statistics and DELETE /cache/statistics."""
    call.broker.v2_figures.reset_statistics()
    return json_response({"message": "All statistics counter reset"})


async def retrieve_cache(call: Call) -> Response:
    """Answer GET /cache/statistics: the tenant's subscriptions, and how many came and went in this process.

    Nothing in memory is the truth, so there is nothing to refresh.
    """
    tenant = await tenant_to_read(call)
    page = Page(_MOST_IDS, count=True)
    found = (
        SubscriptionList([], 0)
        if tenant is None
        else await subscriptions.find(call.broker, tenant, SubscriptionFace.NGSIV2, page)
    )
    items = found.count or 0
    ids = ", ".join(each.subscription.id for each in found.records)
    counted = call.broker.v2_figures.subscriptions
    return json_response(
        {
            "ids": ids if items <= _MOST_IDS else "too many subscriptions",
            "refreshs": 0,
            **{name: counted[name] for name in ("inserts", "removes", "updates")},
            "items": items,
        }
    )


async def retrieve_metrics(call: Call) -> Response:
    """Answer GET /admin/metrics; `reset=true` counts from nothing afterwards."""
    figures = call.broker.v2_figures
    document = render_metrics(figures)
    if call.request.parameters.get("reset") == "true":
        figures.reset_metrics()
    return json_response(document)


async def reset_metrics(call: Call) -> Response:
    """Answer DELETE /admin/metrics."""
    call.broker.v2_figures.reset_metrics()
    return Response(204)


async def retrieve_semaphores(call: Call) -> Response:
    """Answer GET /admin/sem: there are no semaphores, so none is taken."""
    names = (
        *("alarmMgr", "connectionContext", "connectionEndpoints", "dbConnection", "dbConnectionPool", "logMsg"),
        *("metrics", "mqttMgr", "kafkaMgr", "request", "subCache", "timeStat", "transaction"),
    )
    return json_response({name: {"status": "free"} for name in names})


_TAG = "NGSIv2 administration"
_OBJECT = {"type": "object"}
_RESET = Parameter(
    "reset", "`true` counts from nothing afterwards", {"type": "string", "enum": ["true", "false"]}, example="false"
)
_PARAMETERS: Final[Mapping[tuple[str, str], tuple[Parameter, ...]]] = {
    ("GET", "/version"): (words.options("libVersions"),),
    ("GET", "/statistics"): (words.options("fullCounters"),),
    ("GET", "/admin/metrics"): (_RESET,),
}


def routes() -> tuple[Route, ...]:
    """Return the routes that are not about context data."""
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
        ("GET", "/admin/sem", retrieve_semaphores, "admin", "Read the semaphores", {}),
    )
    answers = tuple(
        Route(
            method,
            template,
            handler,
            action,
            words.describe(
                summary,
                _TAG,
                _PARAMETERS.get((method, template), ()),
                {200: words.json_body(summary, _OBJECT, example)},
            ),
        )
        for method, template, handler, action, summary, example in table
    )
    reset = words.describe("Reset Orion's metrics", _TAG, (), {204: words.nothing("Done")})
    return (
        *answers,
        Route("DELETE", "/admin/metrics", reset_metrics, "admin", reset),
    )
