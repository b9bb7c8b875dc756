"""Searches before FastAPI, which costs as much as all the rest of one.

What is not asked well goes on to FastAPI, which says what is wrong. The route in `api/search.py` documents both.
"""

import logging
from functools import lru_cache
from typing import Final, get_args, get_origin

from fastapi import FastAPI
from pydantic import ValidationError
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from services.catalog.api.requests import asked_tenant, audience
from services.catalog.api.search_answers import SearchAnswers
from services.catalog.api.search_query import Search
from services.kernel.errors import HubError
from services.kernel.problems import failure, refusal
from services.kernel.telemetry import Receive, Scope, Send

PATH: Final = "/datasets"
_REPEATED: Final = frozenset(
    name
    for name, field in Search.model_fields.items()
    if any(get_origin(kind) is list for kind in get_args(field.annotation))
)
_LONGEST_KEPT: Final = 2_000
"""Queries of so many characters are kept with what they mean; longer ones would take too much memory."""

_log = logging.getLogger("hiroba.catalog.search")


class SearchFace:
    """Answers `GET /datasets`."""

    def __init__(self, api: FastAPI) -> None:
        self._api = api

    def answers(self, scope: Scope) -> bool:
        """Tell whether a request is a search."""
        return bool(scope["path"] == PATH and scope["method"] == "GET")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        scope["app"] = self._api
        request = Request(scope, receive)
        query = scope["query_string"]
        try:
            chosen, tenant = (_known if len(query) <= _LONGEST_KEPT else _read)(query)
        except ValidationError:
            await self._api(scope, receive, send)
            return
        scope["route_template"] = PATH
        response = await self._answer(request, chosen, tenant)
        await response(scope, receive, send)

    async def _answer(self, request: Request, chosen: Search, named: str | None) -> Response:
        answers: SearchAnswers = self._api.state.search_answers
        headers = request.headers
        try:
            caller = await audience(request)
            tenant = await asked_tenant(request, headers.get("fiware-service"), headers.get("ngsild-tenant"), named)
            return await answers.of(caller, tenant, chosen)
        except HubError as error:
            return refusal(error)
        except Exception:
            _log.exception("A search fails")
            return failure()


def _read(query: bytes) -> tuple[Search, str | None]:
    """Read a query as FastAPI does: of what is given once, the last counts; and the tenant. Raises ValidationError."""
    parameters = QueryParams(query)
    given: dict[str, str | list[str]] = dict(parameters)
    given |= {name: parameters.getlist(name) for name in _REPEATED & given.keys()}
    return Search.model_validate(given), parameters.get("tenant")


_known = lru_cache(maxsize=1024)(_read)
