"""The portal: an ASGI application of its own, so that every answer, refusals too, is a page."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.catalog.portal import (
    assets,
    changes,
    ckan_addresses,
    data_maps,
    entity,
    entrance,
    feeds,
    live,
    pages,
    robots,
    services,
    vocabularies,
)
from services.catalog.portal.editor import appearance, removal
from services.catalog.portal.editor import pages as editor
from services.catalog.portal.page import Page
from services.catalog.portal.preview import PLACES
from services.catalog.portal.site import Site
from services.kernel.errors import HubError, NotAuthenticated, Unavailable
from services.kernel.problems import status_of
from services.kernel.telemetry import Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]
EDITOR = "/editor"
OWN: dict[str, Endpoint] = {
    "/": pages.home,
    "/search": pages.results,
    "/late": pages.late,
    "/organization": pages.organizations,
    "/dataset": ckan_addresses.datasets,
    "/group/{name}": ckan_addresses.group,
    live.PAGE: live.show,
    changes.CHANGES: changes.follow,
    "/developers": pages.developers,
    data_maps.PAGE: data_maps.show,
    f"{data_maps.PAGE}/file.{{form}}": data_maps.download,
    "/dataset/{reference}/entity": entity.show,
    "/dataset/{reference}/features": live.features,
    feeds.FEED: feeds.feed,
    feeds.OPEN_SEARCH: feeds.open_search,
    robots.ROBOTS: robots.robots,
    f"{assets.PREFIX}/{{name}}": assets.serve,
    f"{PLACES}/{{file_id}}.geojson": pages.places,
    EDITOR: editor.start,
    appearance.PAGE: appearance.show,
    f"{EDITOR}/{{name}}/check": editor.check,
    removal.PAGE: removal.ask,
    f"{EDITOR}/{{name}}/describe": editor.describe,
    f"{EDITOR}/{{name}}/review": editor.review,
    f"{EDITOR}/{{name}}/done": editor.done,
    entrance.SIGN_IN: entrance.sign_in,
    entrance.CALLBACK: entrance.come_back,
    entrance.PERSONS_KEY: entrance.give_token,
}
"""What the portal alone answers."""

FORMS: dict[str, Endpoint] = {
    f"{EDITOR}/upload": editor.upload,
    appearance.PAGE: appearance.save,
    data_maps.DRAW: data_maps.draw,
    f"{EDITOR}/{{name}}/file": editor.replace_file,
    removal.PAGE: removal.remove,
    f"{EDITOR}/{{name}}/describe": editor.save,
    f"{EDITOR}/{{name}}/publish": editor.publish,
    entrance.SIGN_OUT: entrance.sign_out,
}
"""What is sent here."""

SHARED: dict[str, Endpoint] = {
    "/dataset/{reference}": pages.dataset,
    "/organization/{slug}": pages.organization,
    services.PAGE: services.show,
    "/licences": pages.licences,
    "/vocabularies": vocabularies.overview,
    "/vocabularies/{name}": vocabularies.words,
    "/vocabularies/entity-types/{type_name}": vocabularies.entity_type,
}
"""What has a page for readers, and data for programs, by what they accept."""


class PortalFace:
    """Answers readers."""

    def __init__(self, site: Callable[[], Site]) -> None:
        routes = [Route(path, endpoint, methods=["GET"]) for path, endpoint in {**OWN, **SHARED}.items()]
        routes += [Route(path, endpoint, methods=["POST"]) for path, endpoint in FORMS.items()]
        handlers = {HubError: _refuse, HTTPException: _refuse_http, Exception: _fail}
        self._app = Starlette(routes=routes, exception_handlers=handlers)  # type: ignore[arg-type]
        self._app.state.site = site
        self._app.state.followers = changes.Followers()
        self._own = [Route(path, endpoint) for path, endpoint in {**FORMS, **OWN}.items()]
        self._shared = [Route(path, endpoint) for path, endpoint in SHARED.items()]

    def answers(self, scope: Scope) -> bool:
        """Tell whether a request is for the portal: by its path, or by its path and that a page is wanted."""
        path = {"type": "http", "path": scope["path"], "method": "GET", "root_path": ""}
        if any(route.matches(path)[0].value for route in self._own):
            return True
        is_file = "." in scope["path"].rpartition("/")[2]
        return not is_file and wants_page(scope) and any(route.matches(path)[0].value for route in self._shared)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._app(scope, receive, send)


def wants_page(scope: Scope) -> bool:
    """Tell whether a browser asks: of all that it accepts, a page comes first (RFC 9110, 12.5.1)."""
    accept = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept"), "")
    ranked = sorted(enumerate(accept.split(",")), key=lambda each: (-_weight(each[1]), each[0]))
    return bool(ranked) and ranked[0][1].partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml")


def _weight(part: str) -> float:
    for parameter in part.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


async def _refuse(request: Request, error: HubError) -> Response:
    begins = isinstance(error, NotAuthenticated) and not request.url.path.startswith(entrance.SIGN_IN)
    if begins and "sessions" in request.scope.get("state", {}):
        target = _address(request) if request.method == "GET" else EDITOR
        return RedirectResponse(f"{entrance.SIGN_IN}?{urlencode({'next': target})}", 303)
    response = _page(request, status_of(error), error.detail if status_of(error) == HTTPStatus.BAD_REQUEST else "")
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def _address(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


async def _refuse_http(request: Request, error: HTTPException) -> Response:
    response = _page(request, error.status_code, "")
    response.headers.update(error.headers or {})
    return response


async def _fail(request: Request, error: Exception) -> Response:
    return _page(request, 500, "")


def _page(request: Request, status: int, detail: str) -> Response:
    return Page.of(request).render("error.html", status, status=status, detail=detail)
