"""/admin/log and /log/trace: the log settings (Orion, Management API)."""

import logging
import re
from typing import Final

from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.http.route import Parameter, Route
from services.broker.ngsiv2 import words
from services.broker.operations.v2_log_settings import V2LogSettings
from services.kernel.errors import InvalidRequest

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
_SHORTEST_LINE: Final = 100
_LONGEST: Final = 2**31
_TRACES: Final = re.compile(r"\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*\Z")


async def retrieve_log(call: Call) -> Response:
    """Answer GET /admin/log."""
    level = logging.getLogger().getEffectiveLevel()
    kept = call.broker.v2_log_settings
    return json_response(
        {
            "level": _LEVEL_NAMES.get(level, logging.getLevelName(level)),
            "infoPayloadMaxSize": kept.info_payload_max_size,
            "lineMaxSize": kept.line_max_size,
            "deprecate": kept.deprecate,
        }
    )


async def set_log(call: Call) -> Response:
    """Answer PUT /admin/log?level=…; all of it is checked before any of it is set. Raises InvalidRequest."""
    given = dict(call.request.parameters.pairs)
    if given.keys().isdisjoint({"level", "infoPayloadMaxSize", "lineMaxSize", "deprecate"}):
        raise InvalidRequest("log level missing", field="level")
    kept = call.broker.v2_log_settings
    level = given.get("level", "INFO").upper()
    if level not in _LEVELS:
        raise InvalidRequest("invalid log level", field="level")
    changed = V2LogSettings(
        _size(given, "infoPayloadMaxSize", kept.info_payload_max_size, 1),
        _size(given, "lineMaxSize", kept.line_max_size, _SHORTEST_LINE),
        _flag(given, "deprecate", kept),
        kept.traces,
    )
    kept.info_payload_max_size, kept.line_max_size = changed.info_payload_max_size, changed.line_max_size
    kept.deprecate = changed.deprecate
    if "level" in given:
        logging.getLogger().setLevel(_LEVELS[level])
    return Response(200)


def _size(given: dict[str, str], name: str, kept: int, low: int) -> int:
    text = given.get(name, str(kept))
    if not (text.isascii() and text.isdigit() and low <= int(text) < _LONGEST):
        raise InvalidRequest(f"{name} must be a whole number of at least {low}", field=name)
    return int(text)


def _flag(given: dict[str, str], name: str, kept: V2LogSettings) -> bool:
    if name not in given:
        return kept.deprecate
    if given[name] not in ("true", "false"):
        raise InvalidRequest(f"{name} must be true or false", field=name)
    return given[name] == "true"


async def retrieve_traces(call: Call) -> Response:
    """Answer GET /log/trace."""
    return json_response({"tracelevels": call.broker.v2_log_settings.traces})


async def set_traces(call: Call) -> Response:
    """Answer PUT /log/trace/{levels}: `7`, `1-9`, `1-9,20-30`. Raises InvalidRequest."""
    levels = call.values[0]
    if not _TRACES.match(levels):
        raise InvalidRequest("poorly formatted trace level string", field="traceLevels")
    call.broker.v2_log_settings.traces = levels
    return await retrieve_traces(call)


async def remove_traces(call: Call) -> Response:
    """Answer DELETE /log/trace and DELETE /log/trace/{levels}; named ones are all that can be removed."""
    kept = call.broker.v2_log_settings
    if call.values:
        if not _TRACES.match(call.values[0]):
            raise InvalidRequest("poorly formatted trace level string", field="traceLevels")
        named = call.values[0].split(",")
        left = [each for each in kept.traces.split(",") if each not in named]
        kept.traces = ",".join(left) or "empty"
    else:
        kept.traces = "empty"
    return await retrieve_traces(call)


_TAG = "NGSIv2 administration"
_OBJECT = {"type": "object"}
_TEXT = {"type": "string"}


def routes() -> tuple[Route, ...]:
    """Return the routes of the log settings."""
    levels = {"type": "string", "enum": sorted(_LEVELS)}
    parameters = (
        Parameter("level", "Least level that is logged", levels, example="INFO"),
        Parameter("infoPayloadMaxSize", "Kept and shown, without effect", _TEXT, example="5120"),
        Parameter("lineMaxSize", "Kept and shown, without effect", _TEXT, example="32768"),
        Parameter("deprecate", "`true` or `false`; kept and shown, without effect", _TEXT, example="false"),
    )
    shown = {"level": "INFO", "infoPayloadMaxSize": 5120, "lineMaxSize": 32768, "deprecate": False}
    read = words.json_body("Read the log settings", _OBJECT, shown)
    traces = {200: words.json_body("The trace levels", _OBJECT, {"tracelevels": "empty"})}
    all_traces, some_traces = "/log/trace", "/log/trace/{traceLevels}"
    setting = words.describe("Set the log level", _TAG, parameters, {200: words.nothing("Done")})
    return (
        Route(
            "GET", "/admin/log", retrieve_log, "admin", words.describe("Read the log settings", _TAG, (), {200: read})
        ),
        Route("PUT", "/admin/log", set_log, "admin", setting),
        Route("GET", all_traces, retrieve_traces, "admin", words.describe("Read the trace levels", _TAG, (), traces)),
        Route(
            "DELETE", all_traces, remove_traces, "admin", words.describe("Remove all trace levels", _TAG, (), traces)
        ),
        Route("PUT", some_traces, set_traces, "admin", words.describe("Set the trace levels", _TAG, (), traces)),
        Route("DELETE", some_traces, remove_traces, "admin", words.describe("Remove trace levels", _TAG, (), traces)),
    )
