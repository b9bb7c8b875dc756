"""The end-session endpoint and its pages (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.auth.api.authorization import Visiting
from services.auth.api.browser import HEADERS, PageRoute, Visitor
from services.auth.api.form import read_form, read_pairs
from services.auth.api.service import Service
from services.auth.openid.logout import leave
from services.auth.openid.sign_in import sign_out
from services.auth.operations.auth import Auth

router = APIRouter(tags=["Sign-in"], route_class=PageRoute, include_in_schema=False)
_KEPT = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales")


@router.get("/oauth/logout")
@router.post("/oauth/logout")
async def end_session(service: Service, visitor: Visiting, request: Request) -> Response:
    """Sign the person out, at once if the application shows an ID token of this session, else after asking.

    A POST from another site brings no cookies, so that who is signed in is not known: it asks too.
    """
    if request.method == "POST":
        parameters, _ = await read_form(request)
    else:
        parameters, _ = read_pairs(request.scope["query_string"], "query")
    wish = await leave(service, parameters, visitor.browser.session)
    language = visitor.language(parameters.get("ui_locales"))
    if wish.must_ask or (wish.present is None and request.method == "POST"):
        kept = {name: parameters[name] for name in _KEPT if name in parameters}
        return visitor.page("sign_out", language, {"kept": kept})
    return await _leave(service, visitor, parameters, wish.destination)


@router.post("/oauth/logout/confirmation")
async def confirm(service: Service, visitor: Visiting, request: Request) -> Response:
    """Take the person's decision."""
    form = await visitor.form()
    wish = await leave(service, form, visitor.browser.session)
    request.state.actor = wish.present.user.user_id if wish.present else ""
    if form.get("decision") != "leave":
        return visitor.page("message", visitor.language(form.get("ui_locales")), {"title": "stay", "text": "stays"})
    return await _leave(service, visitor, form, wish.destination)


async def _leave(service: Auth, visitor: Visitor, parameters: Mapping[str, str], destination: str | None) -> Response:
    await sign_out(service, visitor.browser.session)
    if destination is None:
        language = visitor.language(parameters.get("ui_locales"))
        page = visitor.page("message", language, {"title": "sign_out", "text": "signed_out"})
    else:
        page = RedirectResponse(destination, 303, HEADERS)
    return visitor.remember(page, None)
