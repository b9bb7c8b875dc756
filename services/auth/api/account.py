"""A person's own pages: what is allowed to whom, and the applications that the person has registered."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from services.auth.api.authorization import ACCOUNT, Visiting, item_words, sent_form
from services.auth.api.browser import PageRoute, Visitor
from services.auth.api.registration_json import RegistrationJson
from services.auth.api.service import Service
from services.auth.openid import applications, external
from services.auth.openid.passkeys import list_passkeys
from services.auth.openid.registration import register
from services.auth.openid.sign_in import SignedIn, signed_in
from services.auth.operations import personal_keys
from services.auth.operations.auth import Auth
from services.auth.operations.people import grants_of
from services.kernel.errors import BadData
from services.kernel.identity import Principal
from services.kernel.paging import Page

router = APIRouter(tags=["Sign-in"], route_class=PageRoute, include_in_schema=False)
_MOST_SHOWN = 200


@router.get("/account")
async def account(service: Service, visitor: Visiting) -> Response:
    """Show who is signed in, what applications may do, and the person's own applications."""
    present = await signed_in(service, visitor.browser.session)
    if present is None:
        return visitor.go(f"/oauth/sign-in?request={ACCOUNT}")
    return await _page(service, visitor, present)


@router.post("/account/withdrawals")
async def withdraw(service: Service, visitor: Visiting, request: Request) -> Response:
    """Take back what an application was allowed."""
    form, present = await sent_form(service, visitor, request)
    await applications.withdraw(service, present.user.user_id, form.get("client_id", ""))
    return visitor.go("/account")


@router.post("/account/applications")
async def register_application(service: Service, visitor: Visiting, request: Request) -> Response:
    """Register an application of the person's own, and show its secret, this once."""
    form, present = await sent_form(service, visitor, request)
    made = await register(service, await _principal(service, present), _read(form).to_registration())
    shown = {"client_id": made.application.client_id, "secret": made.secret}
    return await _page(service, visitor, present, {"made": shown})


@router.post("/account/applications/removal")
async def remove_application(service: Service, visitor: Visiting, request: Request) -> Response:
    """Delete an application of the person's own."""
    form, present = await sent_form(service, visitor, request)
    principal = Principal(present.user.user_id, ACCOUNT, ())
    await applications.remove_application(service, principal, form.get("client_id", ""))
    return visitor.go("/account")


@router.post("/account/keys")
async def make_key(service: Service, visitor: Visiting, request: Request) -> Response:
    """Make a personal key, and show its text, this once."""
    form, present = await sent_form(service, visitor, request)
    days = form.get("key_days", "").strip()
    if days and not (days.isascii() and days.isdigit() and len(days) <= 4):
        raise BadData("key_days must be a number of days", field="key_days")
    expires_at = service.clock() + timedelta(days=int(days)) if days else None
    principal = await _principal(service, present)
    _, text = await personal_keys.create_key(service, principal, None, form.get("key_title", ""), expires_at)
    return await _page(service, visitor, present, {"key": text})


@router.post("/account/keys/removal")
async def revoke_key(service: Service, visitor: Visiting, request: Request) -> Response:
    """End a personal key at once."""
    form, present = await sent_form(service, visitor, request)
    await personal_keys.revoke_key(service, await _principal(service, present), form.get("key_id", ""))
    return visitor.go("/account")


async def _principal(service: Auth, present: SignedIn) -> Principal:
    """Return a person as a caller, with what the person's roles grant."""
    grants = await grants_of(service, present.user.user_id)
    levels = present.assurance
    return Principal(present.user.user_id, ACCOUNT, grants, ial=levels.ial, aal=levels.aal)


def _read(form: Mapping[str, str]) -> RegistrationJson:
    """Read the form of a registration. Raises BadData."""
    is_public = form.get("public") == "yes"
    given: dict[str, Any] = {
        "client_name": form.get("name", ""),
        "redirect_uris": form.get("redirect_uris", "").split(),
        "application_type": "native" if is_public else "web",
        "token_endpoint_auth_method": "none" if is_public else "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
    }
    try:
        return RegistrationJson.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        raise BadData(fault["msg"].removeprefix("Value error, "), field=".".join(map(str, fault["loc"]))) from error


async def _page(
    service: Auth, visitor: Visitor, present: SignedIn, shown_once: Mapping[str, object] | None = None
) -> Response:
    """Show the page; `shown_once` is what was made just now, with its secret."""
    language = visitor.language()
    allowed = await applications.allowed_by(service, present.user.user_id)
    person = Principal(present.user.user_id, ACCOUNT, ())
    own, _ = await applications.list_applications(service, person, Page(_MOST_SHOWN, 0))
    issued = await personal_keys.list_keys(service, person, None)
    keys = await list_passkeys(service, present.user.user_id)
    links = await external.list_links(service, present.user.user_id)
    values = {
        "providers": visitor.providers(language),
        "linked": {each.provider for each in links},
        "passkeys": [
            {"credential_id": each.credential_id, "title": each.title, "when": f"{each.created_at:%Y-%m-%d}"}
            for each in keys
        ],
        "login": present.user.name or present.user.login,
        "allowed": [
            {
                "client_id": each.client_id,
                "name": each.details.name,
                "items": [item_words(item, language) for item in items],
                "when": f"{since:%Y-%m-%d}",
            }
            for each, items, since in allowed
        ],
        "own": [{"client_id": each.client_id, "name": each.details.name, "status": each.status} for each in own],
        "personal_keys": [
            {
                "key_id": each.key_id,
                "title": each.title,
                "made": f"{each.created_at:%Y-%m-%d}",
                "until": f"{each.expires_at:%Y-%m-%d}" if each.expires_at else "",
                "used": f"{each.last_used_at:%Y-%m-%d}" if each.last_used_at else "",
            }
            for each in issued
        ],
        "made": None,
        "key": None,
        **(shown_once or {}),
        "may_register": service.registering != "administrators",
    }
    return visitor.page("account", language, values)
