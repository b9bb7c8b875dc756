"""Passkeys: the pages and calls of browsers that add them and sign in with them."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from services.auth.api.authorization import ACCOUNT, RequestId, Visiting, asked_for, path_after, sign_in_answer
from services.auth.api.browser import HEADERS, PageRoute, Visitor
from services.auth.api.service import Service
from services.auth.openid import authorize, passkeys
from services.auth.openid.passkeys import FRESH_S
from services.auth.openid.sign_in import SignedIn, signed_in
from services.auth.operations.auth import Auth
from services.kernel.errors import NotAuthenticated

router = APIRouter(tags=["Sign-in"], route_class=PageRoute, include_in_schema=False)


@router.post("/oauth/passkeys/options")
async def options_to_sign_in(service: Service, visitor: Visiting) -> Response:
    """Return what a browser needs to use a passkey."""
    await visitor.form()
    present = await signed_in(service, visitor.browser.session)
    return _json(await passkeys.options_to_sign_in(service, present, visitor.browser))


@router.post("/oauth/passkeys/sign-in")
async def sign_in(service: Service, visitor: Visiting, request: Request) -> Response:
    """Sign somebody in with a passkey."""
    form = await visitor.form()
    request_id = form.get("request", "")
    asked = await asked_for(service, visitor, request_id)
    try:
        cookie, user = await passkeys.sign_in(service, visitor.browser, form.get("credential", ""))
    except NotAuthenticated:
        return sign_in_answer(visitor, request_id, asked, "passkey_failed")
    request.state.actor = user.user_id
    return visitor.remember(visitor.go(path_after(request_id)), cookie)


@router.get("/oauth/step-up")
async def step_up_page(service: Service, visitor: Visiting, request_id: RequestId) -> Response:
    """Ask who is signed in for a passkey, because the application wants a surer sign-in."""
    asked = await authorize.show(service, request_id, visitor.browser)
    values: dict[str, Any] = {"application": asked.application.details.name, "request_id": request_id}
    return visitor.page("step_up", visitor.language(asked.request.ui_locales), values)


@router.post("/account/passkeys/options")
async def options_to_add(service: Service, visitor: Visiting) -> Response:
    """Return what a browser needs to make a passkey."""
    await visitor.form()
    present = await _fresh(service, visitor)
    return _json(await passkeys.options_to_add(service, present, visitor.browser))


@router.post("/account/passkeys")
async def add(service: Service, visitor: Visiting, request: Request) -> Response:
    """Add a passkey."""
    form = await visitor.form()
    present = await _fresh(service, visitor)
    request.state.actor = present.user.user_id
    told = form.get("credential", ""), form.get("title", "")
    await passkeys.add(service, present, visitor.browser, told)
    return visitor.go("/account")


@router.post("/account/passkeys/removal")
async def remove(service: Service, visitor: Visiting, request: Request) -> Response:
    """Delete a passkey."""
    form = await visitor.form()
    present = await _fresh(service, visitor)
    request.state.actor = present.user.user_id
    await passkeys.remove(service, present.user.user_id, form.get("credential_id", ""))
    return visitor.go("/account")


async def _fresh(service: Auth, visitor: Visitor) -> SignedIn:
    """Return who is signed in, and has been for not too long. Raises NotAuthenticated."""
    present = await signed_in(service, visitor.browser.session)
    if present is None or present.session.is_older_than(FRESH_S, service.clock()):
        raise NotAuthenticated(f"Sign in again first, at {visitor.base}/oauth/sign-in?request={ACCOUNT}")
    return present


def _json(document: dict[str, Any]) -> Response:
    return JSONResponse(document, headers=HEADERS)
