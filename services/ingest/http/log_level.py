"""`/admin/log`: what is logged, as the IoT agent lets its operator say."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from services.ingest.http.dialect import responses
from services.kernel.app import Caller

router = APIRouter(prefix="/admin", tags=["Operation"])
_LEVELS: Mapping[str, int] = MappingProxyType(
    {
        "DEBUG": logging.DEBUG,
        "INFO": logging.INFO,
        "WARN": logging.WARNING,
        "WARNING": logging.WARNING,
        "ERROR": logging.ERROR,
        "FATAL": logging.CRITICAL,
    }
)
_NAMES: Mapping[int, str] = MappingProxyType({number: name for name, number in _LEVELS.items() if name != "WARNING"})
_logger = logging.getLogger("hiroba")


class LogLevel(BaseModel):
    """What is logged."""

    level: Literal["DEBUG", "INFO", "WARN", "ERROR", "FATAL"] = Field(description="The least level that is logged")


class LevelRefused(BaseModel):
    """Why a level is refused, as the agent says it."""

    error: str = Field(examples=["invalid log level", "log level missing"])


@router.get("/log", summary="Tell what is logged", responses=responses(401, 403))
async def read_level(principal: Caller) -> LogLevel:
    """Tell the least level that this process logs."""
    principal.require("provision", "*")
    return LogLevel.model_validate({"level": _NAMES[_logger.getEffectiveLevel()]})


@router.put(
    "/log",
    response_class=Response,
    summary="Set what is logged",
    responses={**responses(401, 403), 400: {"model": LevelRefused, "description": "Refused (400)"}},
)
async def set_level(
    principal: Caller,
    level: Annotated[str | None, Query(description="`DEBUG`, `INFO`, `WARNING`, `ERROR` or `FATAL`")] = None,
) -> Response:
    """Set the least level that this process logs, until it ends."""
    principal.require("provision", "*")
    number = _LEVELS.get((level or "").upper())
    if number is None:
        return JSONResponse({"error": "invalid log level" if level else "log level missing"}, 400)
    _logger.setLevel(number)
    return Response()
