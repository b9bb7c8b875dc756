"""Signing in with external providers: the way there and back, and the link of accounts."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from services.auth.api.authorization import ACCOUNT, RequestId, Visiting, asked_for, path_after, sent_form
from services.auth.api.browser import HEADERS, PageRoute, Visitor
from services.auth.api.form import read_pairs
from services.auth.api.service import Service
from services.auth.openid import external
from services.kernel.errors import BadData

router = APIRouter(tags=["Sign-in"], route_class=PageRoute, include_in_schema=False)
Name = Annotated[str, Path(max_length=30)]


@router.get("/oauth/external/{name}")
async def leave(service: Service, visitor: Visiting, name: Name, request_id: RequestId) -> Response:
    """Send a browser to an external provider to sign its person in."""
    await asked_for(service, visitor, request_id)
    return _away(visitor, await external.begin(service, name, visitor.browser, (request_id, None)))


@router.get("/oauth/external/{name}/callback")
async def come_back(service: Service, visitor: Visiting, request: Request, name: Name) -> Response:
    """Take a browser back from an external provider."""
    parameters, _ = read_pairs(request.scope["query_string"], "query")
    arrived = await external.finish(service, name, visitor.browser, parameters)
    request.state.actor = arrived.user.user_id
    return visitor.remember(visitor.go(path_after(arrived.request_id)), arrived.cookie)


@router.post("/account/links")
async def change_link(service: Service, visitor: Visiting, request: Request) -> Response:
    """Link the person's account at a provider, by signing in there, or forget the link."""
    form, present = await sent_form(service, visitor, request)
    name, user_id = form.get("provider", ""), present.user.user_id
    match form.get("decision"):
        case "link":
            return _away(visitor, await external.begin(service, name, visitor.browser, (ACCOUNT, user_id)))
        case "unlink":
            await external.unlink(service, user_id, name)
            return visitor.go("/account")
    raise BadData("decision must be link or unlink", field="decision")


def _away(visitor: Visitor, address: str) -> Response:
    return visitor.known(RedirectResponse(address, 303, HEADERS))
