"""CKAN's face: an ASGI application of its own, so that every answer, refusals too, is in CKAN's dialect."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from services.catalog.ckan.actions import ACTIONS, Action
from services.catalog.ckan.errors import BadRequest, ParameterError, refusal_of
from services.catalog.ckan.given import is_multipart, read_given
from services.catalog.ckan.site import Site, Visit
from services.catalog.ckan.uploads import UPLOAD
from services.catalog.operations.callers import audience_for
from services.kernel.body_limit import BodyLimit
from services.kernel.errors import HubError, TooLarge, Unavailable
from services.kernel.identity import TokenVerifier
from services.kernel.telemetry import Receive, Scope, Send

PREFIX = "/api"
_ACTION = re.compile(r"/api(?:/3)?/action/([^/]*)/?\Z")
_VERSION = re.compile(r"/api(?:/3)?/?\Z")
_METHODS = ("GET", "POST")
_log = logging.getLogger("hiroba.catalog.ckan")


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest body without a file, and the largest file, in bytes."""

    body_bytes: int
    file_bytes: int

    @property
    def form_bytes(self) -> int:
        """The largest form: a file with what is said of it."""
        return self.file_bytes + self.body_bytes


class CkanFace:
    """Answers `/api/3/action/<name>` and `/api/action/<name>`, by GET and POST."""

    def __init__(self, site: Callable[[], Site], verifier: TokenVerifier, limits: Limits, *, is_open: bool) -> None:
        self._site = site
        self._verifier = verifier
        self._is_open = is_open
        self._file_limit_bytes = limits.file_bytes
        self._plain = BodyLimit(self._serve, limits.body_bytes, self._body_too_large)
        self._with_file = BodyLimit(self._serve, limits.form_bytes, self._file_too_large)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        scope["route_template"] = "/api/3/action/{action}"
        has_file = _takes_file(scope["path"]) and is_multipart(Headers(scope=scope))
        await (self._with_file if has_file else self._plain)(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        named = _ACTION.match(path)
        if request.method not in _METHODS:
            error = {"__type": "Method Not Allowed", "message": f"Use {' or '.join(_METHODS)}"}
            return _envelope(405, self._help(""), {"error": error}, {"Allow": ", ".join(_METHODS)})
        if _VERSION.match(path):
            return _json(200, {"version": 3})
        if named is None:
            error = {"__type": "Not Found Error", "message": f"Not found: {path}"}
            return _envelope(404, self._help(""), {"error": error})
        action = ACTIONS.get(named[1])
        if action is None:
            return _json(400, f"Bad request - Action name not known: {named[1]}")
        if action.writes and request.method != "POST":
            return _json(400, f"Bad request - {named[1]} changes things: use POST")
        return await self._call(request, named[1], action)

    async def _call(self, request: Request, name: str, action: Action) -> Response:
        try:
            visit = await self._visit(request)
            action.admit(visit)
            async with read_given(request, self._file_limit_bytes if action.takes_file else None) as given:
                result = await action.call(visit, given)
        except BadRequest as error:
            return _json(400, f"Bad request - {error.detail}")
        except HubError as error:
            return self._refusal(name, error)
        except Exception:
            _log.exception("A CKAN action fails", extra={"action": name})
            error_body = {"__type": "Internal Server Error", "message": "The service fails; see its log"}
            return _envelope(500, self._help(name), {"error": error_body})
        return _envelope(200, self._help(name), {"result": result})

    async def _visit(self, request: Request) -> Visit:
        """Return who calls; CKAN's clients send their token bare, or in a header of CKAN's."""
        site = self._site()
        token = request.headers.get("authorization") or request.headers.get("x-ckan-api-key")
        if token is None and not self._is_open:
            return Visit(site, await audience_for(site.catalogue, None))
        bare = f"Bearer {token}" if token and " " not in token else token
        principal = await self._verifier.identify(bare)
        request.state.principal = principal
        return Visit(site, await audience_for(site.catalogue, principal), principal, bare)

    def _body_too_large(self, detail: str) -> Response:
        return self._refusal("", TooLarge(detail))

    def _file_too_large(self, detail: str) -> Response:
        return self._refusal("", ParameterError({UPLOAD: [detail]}))

    def _refusal(self, name: str, error: HubError) -> Response:
        status, body = refusal_of(error)
        headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, Unavailable) else {}
        return _envelope(status, self._help(name), {"error": body}, headers)

    def _help(self, name: str) -> str:
        return f"{self._site().catalogue.addresses.catalog}/api/3/action/help_show?name={quote(name)}"


def _takes_file(path: str) -> bool:
    named = _ACTION.match(path)
    action = ACTIONS.get(named[1]) if named else None
    return action is not None and action.takes_file


def _envelope(
    status: int, help_url: str, content: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> Response:
    return _json(status, {"help": help_url, "success": status == 200, **content}, headers)


def _json(status: int, body: object, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, dict(headers or {}), "application/json")
