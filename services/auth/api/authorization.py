"""The authorization endpoint and its pages: signing in, and letting an application do what it asks for."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.auth.api.browser import PageRoute, Visitor
from services.auth.api.form import read_form, read_pairs
from services.auth.api.service import Service
from services.auth.domain.openid.authorization_request import AuthorizationRefused
from services.auth.domain.openid.redirect import origin_of
from services.auth.openid import authorize
from services.auth.openid.authorize import Interaction
from services.auth.openid.sign_in import SignedIn, sign_in_with_password, sign_out, signed_in
from services.auth.operations.auth import Auth
from services.auth.pages.language import Language
from services.auth.pages.rendering import ASSETS, asset
from services.auth.pages.words import WORDS
from services.kernel.errors import BadData, NotAuthenticated, NotFound

router = APIRouter(tags=["Tokens"], route_class=PageRoute, include_in_schema=False)
ACCOUNT, DEVICE = "account", "device-"
"""What stands in the place of a request where a page of ours wants a sign-in."""

RequestId = Annotated[str, Query(alias="request", max_length=64)]


def _visitor(request: Request, service: Service) -> Visitor:
    return Visitor(request, service)


Visiting = Annotated[Visitor, Depends(_visitor)]


async def sent_form(service: Auth, visitor: Visitor, request: Request) -> tuple[dict[str, str], SignedIn]:
    """Return a form with who has sent it. Raises NotAuthenticated, BadData."""
    form = await visitor.form()
    present = await signed_in(service, visitor.browser.session)
    if present is None:
        raise NotAuthenticated("Nobody is signed in any more")
    request.state.actor = present.user.user_id
    return form, present


@router.get("/oauth/authorize")
@router.post("/oauth/authorize")
async def authorization_endpoint(service: Service, visitor: Visiting, request: Request) -> Response:
    """Take an application's request (RFC 6749, 3.1; OpenID Connect Core, 3.1.2.1), by GET or POST.

    A POST comes from another site, so that it brings no cookies: it is kept, and goes on at an address of ours.
    """
    if request.method == "POST":
        parameters, _ = await read_form(request)
    else:
        parameters, _ = read_pairs(request.scope["query_string"], "query")
    return visitor.step(await authorize.begin(service, parameters, visitor.browser))


@router.get("/oauth/continue")
async def go_on(service: Service, visitor: Visiting, request_id: RequestId) -> Response:
    """Go on with a request that waits."""
    return visitor.step(await authorize.proceed(service, request_id, visitor.browser))


@router.get("/oauth/sign-in")
async def sign_in_page(service: Service, visitor: Visiting, request_id: RequestId) -> Response:
    """Show the page to sign in."""
    return sign_in_answer(visitor, request_id, await asked_for(service, visitor, request_id))


@router.post("/oauth/sign-in")
async def sign_in(service: Service, visitor: Visiting, request: Request) -> Response:
    """Sign somebody in with login and password."""
    form = await visitor.form()
    request_id, login = form.get("request", ""), form.get("login", "")
    asked = await asked_for(service, visitor, request_id)
    request.state.actor = login[:100]
    former = visitor.browser.session
    try:
        cookie, user = await sign_in_with_password(service, login, form.get("password", ""), former)
    except NotAuthenticated:
        return sign_in_answer(visitor, request_id, asked, "wrong", login[:100])
    request.state.actor = user.user_id
    return visitor.remember(visitor.go(path_after(request_id)), cookie)


@router.get("/oauth/consent")
async def consent_page(service: Service, visitor: Visiting, request_id: RequestId) -> Response:
    """Show what the application asks for."""
    asked = await authorize.show(service, request_id, visitor.browser)
    if asked.signed_in is None:
        return visitor.go(f"/oauth/sign-in?request={request_id}")
    language = visitor.language(asked.request.ui_locales)
    details = asked.application.details
    values = {
        "application": details,
        "items": [item_words(item, language) for item in asked.request.items],
        "login": asked.signed_in.user.name or asked.signed_in.user.login,
        "host": origin_of(asked.request.redirect_uri),
        "is_native": details.application_type == "native" and asked.application.is_public,
        "request_id": request_id,
    }
    return visitor.page("consent", language, values)


@router.post("/oauth/consent")
async def consent(service: Service, visitor: Visiting, request: Request) -> Response:
    """Take the person's decision."""
    form = await visitor.form()
    request_id = form.get("request", "")
    asked = await authorize.show(service, request_id, visitor.browser)
    request.state.actor = asked.signed_in.user.user_id if asked.signed_in else ""
    match form.get("decision"):
        case "allow":
            return visitor.step(await authorize.proceed(service, request_id, visitor.browser, agreed=True))
        case "deny":
            refusal = AuthorizationRefused("access_denied", "The person does not allow it")
            return visitor.step(await authorize.turn_away(service, request_id, visitor.browser, refusal))
        case "other":
            await sign_out(service, visitor.browser.session)
            return visitor.remember(visitor.go(f"/oauth/sign-in?request={request_id}"), None)
    raise BadData("decision must be allow, deny or other", field="decision")


@router.get("/oauth/assets/{name}")
async def asset_file(name: str) -> Response:
    """Return a file that the pages refer to."""
    if name not in ASSETS:
        raise NotFound(f"File {name[:50]} does not exist")
    return Response(asset(name), media_type=ASSETS[name], headers={"Cache-Control": "public, max-age=3600"})


def item_words(item: str, language: Language) -> str:
    """Say what an item of a request lets the application do."""
    if item.startswith("claim:"):
        return WORDS["item_claim"][language].format(name=item.removeprefix("claim:"))
    return WORDS[f"item_{item}"][language]


def path_after(request_id: str) -> str:
    """Return where a browser goes after a sign-in: to its request, or to the page of ours that wanted it."""
    if request_id == ACCOUNT:
        return "/account"
    if request_id.startswith(DEVICE):
        return f"/oauth/device?user_code={quote(request_id.removeprefix(DEVICE))}"
    return f"/oauth/continue?request={quote(request_id)}"


async def asked_for(service: Auth, visitor: Visitor, request_id: str) -> Interaction | None:
    """Return the request that a sign-in is for, None if a page of ours wants it. Raises NotFound."""
    if request_id == ACCOUNT or request_id.startswith(DEVICE):
        return None
    return await authorize.show(service, request_id, visitor.browser)


def sign_in_answer(
    visitor: Visitor, request_id: str, asked: Interaction | None, fault: str | None = None, login: str | None = None
) -> Response:
    """Show the page to sign in; after an attempt that has failed, saying so."""
    known = asked.signed_in.user.login if asked is not None and asked.signed_in is not None else None
    values: dict[str, Any] = {
        "application": asked.application.details.name if asked is not None else None,
        "again": known is not None,
        "fault": fault,
        "login": login or (asked.request.login_hint if asked is not None else None) or known or "",
        "request_id": request_id,
    }
    language = visitor.language(asked.request.ui_locales if asked is not None else None)
    values["providers"] = visitor.providers(language)
    return visitor.page("sign_in", language, values, 401 if fault is not None else 200)
