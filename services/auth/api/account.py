"""A person's own pages: what is allowed to whom, and the applications that the person has registered."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from services.auth.api.authorization import ACCOUNT, Visiting, item_words
from services.auth.api.browser import PageRoute, Visitor
from services.auth.api.registration_json import RegistrationJson
from services.auth.api.service import Service
from services.auth.openid import applications, external
from services.auth.openid.passkeys import list_passkeys
from services.auth.openid.registration import register
from services.auth.openid.sign_in import SignedIn, signed_in
from services.auth.operations.auth import Auth
from services.auth.operations.people import grants_of
from services.kernel.errors import BadData, NotAuthenticated
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
    return await _page(service, visitor, present, None)


@router.post("/account/withdrawals")
async def withdraw(service: Service, visitor: Visiting, request: Request) -> Response:
    """Take back what an application was allowed."""
    form, present = await _sent(service, visitor, request)
    await applications.withdraw(service, present.user.user_id, form.get("client_id", ""))
    return visitor.go("/account")


@router.post("/account/applications")
async def register_application(service: Service, visitor: Visiting, request: Request) -> Response:
    """Register an application of the person's own, and show its secret, this once."""
    form, present = await _sent(service, visitor, request)
    made = await register(service, await _principal(service, present), _read(form).to_registration())
    return await _page(service, visitor, present, {"client_id": made.application.client_id, "secret": made.secret})


@router.post("/account/applications/removal")
async def remove_application(service: Service, visitor: Visiting, request: Request) -> Response:
    """Delete an application of the person's own."""
    form, present = await _sent(service, visitor, request)
    principal = Principal(present.user.user_id, ACCOUNT, ())
    await applications.remove_application(service, principal, form.get("client_id", ""))
    return visitor.go("/account")


async def _sent(service: Auth, visitor: Visitor, request: Request) -> tuple[dict[str, str], SignedIn]:
    """Return a form with who has sent it. Raises NotAuthenticated, BadData."""
    form = await visitor.form()
    present = await signed_in(service, visitor.browser.session)
    if present is None:
        raise NotAuthenticated("Nobody is signed in any more")
    request.state.actor = present.user.user_id
    return form, present


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


async def _page(service: Auth, visitor: Visitor, present: SignedIn, made: Mapping[str, str | None] | None) -> Response:
    language = visitor.language()
    allowed = await applications.allowed_by(service, present.user.user_id)
    own, _ = await applications.list_applications(
        service, Principal(present.user.user_id, ACCOUNT, ()), Page(_MOST_SHOWN, 0)
    )
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
        "made": made,
        "may_register": service.registering != "administrators",
    }
    return visitor.page("account", language, values)
