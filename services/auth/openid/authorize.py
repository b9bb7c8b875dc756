"""The authorization endpoint: what stands between an application's request and its code."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.application import Application
from services.auth.domain.openid.authorization import Authorization, Code
from services.auth.domain.openid.authorization_request import (
    AuthorizationRefused,
    AuthorizationRequest,
    lasts,
    response_mode_of,
)
from services.auth.domain.openid.tokens import hash_of, new_id, new_token
from services.auth.openid.authorization_check import checked
from services.auth.openid.sign_in import SignedIn, find_signed_in
from services.auth.openid.subjects import subject_for
from services.auth.operations.auth import Auth
from services.auth.store import applications, authorizations, clients, passkeys, sessions
from services.auth.store.database import transaction
from services.auth.store.sessions import PendingRequest
from services.auth.tokens.id_token import Hint, read_hint
from services.kernel.errors import BadData, NotFound

Page = Literal["sign-in", "step-up", "consent"]
_GONE = "This request is answered already, or has waited too long: begin again at the application"
_REFUSALS: Mapping[Page, str] = {
    "sign-in": "login_required",
    "step-up": "interaction_required",
    "consent": "consent_required",
}


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser shows of itself: the secret that it is known by here, and its session's cookie, if any."""

    secret: str
    session: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The way back to the application: the address, and the parameters that go there by a mode."""

    redirect_uri: str
    mode: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """What the person has to do before the application is answered."""

    page: Page
    request_id: str


Step = Answer | Ask


@dataclass(frozen=True, slots=True)
class Interaction:
    """A request that waits for a person: of which application, since when, and who is signed in."""

    request_id: str
    application: Application
    request: AuthorizationRequest
    since: datetime
    signed_in: SignedIn | None
    hint: Hint | None = None
    consented: frozenset[str] = field(default_factory=frozenset)
    has_passkey: bool = False


@dataclass(frozen=True, slots=True)
class _Visit:
    """One visit of a browser: the transaction it happens in, and the keys that hints are verified with."""

    auth: Auth
    connection: AsyncConnection
    browser: Browser
    keys: Mapping[str, Any]
    now: datetime


@asynccontextmanager
async def _visit(auth: Auth, browser: Browser) -> AsyncIterator[_Visit]:
    keys = await auth.keys.public_set()
    async with transaction(auth.engine) as connection:
        yield _Visit(auth, connection, browser, keys, auth.clock())


async def begin(auth: Auth, parameters: Mapping[str, str], browser: Browser) -> Step:
    """Take an application's request. Raises BadData if the browser must not be sent back to where it came from."""
    async with _visit(auth, browser) as visit:
        expires_at = visit.now + auth.lifetimes.request
        pending = PendingRequest(new_id(), hash_of(browser.secret), dict(parameters), visit.now, expires_at)
        try:
            step = await _next(visit, await _interaction(visit, pending), agreed=False)
        except AuthorizationRefused as error:
            return _refusal(auth, parameters, error)
        if isinstance(step, Ask):
            await sessions.keep(visit.connection, pending)
        return step


async def show(auth: Auth, request_id: str, browser: Browser) -> Interaction:
    """Return a request that waits, for a page about it. Raises NotFound."""
    async with _visit(auth, browser) as visit:
        pending = await _found_pending(visit, request_id)
        try:
            return await _interaction(visit, pending)
        except AuthorizationRefused as error:  # the registration has changed meanwhile
            raise NotFound(error.detail) from error


async def proceed(auth: Auth, request_id: str, browser: Browser, *, agreed: bool = False) -> Step:
    """Go on with a request after the person has done something. Raises NotFound.

    `agreed` says that the person lets the application have what it asks for.
    """
    async with _visit(auth, browser) as visit:
        pending = await _found_pending(visit, request_id)
        try:
            step = await _next(visit, await _interaction(visit, pending), agreed=agreed)
        except AuthorizationRefused as error:
            step = _refusal(auth, pending.parameters, error)
        if isinstance(step, Answer) and not await sessions.answer(visit.connection, pending.request_id):
            raise NotFound(_GONE)
        return step


async def turn_away(auth: Auth, request_id: str, browser: Browser, error: AuthorizationRefused) -> Step:
    """Send an application away with nothing. Raises NotFound."""
    async with _visit(auth, browser) as visit:
        pending = await _found_pending(visit, request_id)
        await sessions.answer(visit.connection, pending.request_id)
    return _refusal(auth, pending.parameters, error)


async def _next(visit: _Visit, asked: Interaction, *, agreed: bool) -> Step:
    """Return what comes next: a page for the person, or the code. Raises AuthorizationRefused."""
    page = await _page(visit, asked, agreed=agreed)
    if page is not None and "none" in asked.request.prompt:
        raise AuthorizationRefused(_REFUSALS[page], f"The person has to be shown a page: {page}")
    if page is not None or asked.signed_in is None:
        return Ask(page or "sign-in", asked.request_id)
    if agreed:
        key = asked.signed_in.user.user_id, asked.application.client_id
        await applications.consent(visit.connection, key, asked.request.items, visit.now)
    return await _answer(visit, asked.request, asked.signed_in)


async def _page(visit: _Visit, asked: Interaction, *, agreed: bool) -> Page | None:
    """Return the page that the person has to be shown, None if nothing is left to ask."""
    request, present = asked.request, asked.signed_in
    if present is None:
        return "sign-in"
    is_fresh = present.session.authenticated_at >= asked.since
    if not is_fresh and ({"login", "select_account"} & request.prompt or _is_too_old(request, present, visit.now)):
        return "sign-in"
    wanted = request.subject or (asked.hint.subject if asked.hint else None)
    if wanted is not None and wanted != await subject_for(visit.connection, asked.application, present.user.user_id):
        if is_fresh or "none" in request.prompt:
            raise AuthorizationRefused("login_required", "Somebody else is signed in than the application expects")
        return "sign-in"
    if _needs_step_up(asked, present, is_fresh=is_fresh):
        return "step-up"
    return None if agreed or _is_consented(asked) else "consent"


def _needs_step_up(asked: Interaction, present: SignedIn, *, is_fresh: bool) -> bool:
    """Tell whether a surer sign-in is due. Raises AuthorizationRefused if one is needed that the person cannot do.

    A level that is only wished for is asked for once: a sign-in that has just happened was the answer.
    """
    wanted, needed = asked.request.assurance, asked.request.needs_assurance
    if wanted is None or present.assurance.satisfies(wanted):
        return False
    if needed and not asked.has_passkey:
        raise AuthorizationRefused("unmet_authentication_requirements", "The person cannot reach this level")
    return asked.has_passkey and (needed or not is_fresh)


def _is_too_old(request: AuthorizationRequest, present: SignedIn, now: datetime) -> bool:
    return request.max_age is not None and present.session.is_older_than(request.max_age, now)


def _is_consented(asked: Interaction) -> bool:
    """Tell whether the person need not be asked; who an application on a person's device is cannot be known."""
    details = asked.application.details
    is_anybody = details.application_type == "native" and asked.application.is_public
    return "consent" not in asked.request.prompt and not is_anybody and set(asked.request.items) <= asked.consented


async def _answer(visit: _Visit, request: AuthorizationRequest, present: SignedIn) -> Answer:
    """Give the application its code (RFC 6749, 4.1.2) with the issuer (RFC 9207)."""
    lifetimes, issuer, session = visit.auth.lifetimes, visit.auth.issuer, present.session
    life = lifetimes.refresh if lasts(request) else timedelta(seconds=issuer.token_life_s) + 2 * lifetimes.code
    authorization = Authorization(
        authorization_id=new_id(),
        client_id=request.client_id,
        user_id=present.user.user_id,
        sid=session.sid,
        scope=request.scope,
        authenticated_at=session.authenticated_at,
        aal=session.aal,
        amr=session.amr,
        created_at=visit.now,
        expires_at=visit.now + life,
        claims={where: list(names) for where, names in (request.claims or {}).items()},
        nonce=request.nonce,
        ial=present.assurance.ial,
    )
    await authorizations.add(visit.connection, authorization)
    code = new_token()
    challenge, expires_at = request.code_challenge, visit.now + lifetimes.code
    made = Code(hash_of(code), authorization.authorization_id, request.redirect_uri, challenge, expires_at)
    await authorizations.add_code(visit.connection, made)
    parameters = (("code", code), *_state(request.state), ("iss", issuer.url))
    return Answer(request.redirect_uri, request.response_mode, parameters)


def _refusal(auth: Auth, parameters: Mapping[str, str], error: AuthorizationRefused) -> Answer:
    """Tell the application why it gets no code (RFC 6749, 4.1.2.1)."""
    told = (("error", error.error), ("error_description", error.detail), *_state(parameters.get("state")))
    return Answer(parameters["redirect_uri"], response_mode_of(parameters), (*told, ("iss", auth.issuer.url)))


def _state(state: str | None) -> tuple[tuple[str, str], ...]:
    return () if state is None else (("state", state),)


async def _found_application(connection: AsyncConnection, parameters: Mapping[str, str]) -> Application:
    """Return the application that asks. Raises BadData if nobody can be signed in to it."""
    client_id = parameters.get("client_id", "")
    client = await clients.find(connection, client_id)
    application = await applications.find(connection, client_id) if client is not None else None
    if client is None or application is None or client.status != "active" or application.status != "active":
        raise BadData("No application of this identifier signs people in here", field="client_id")
    if "authorization_code" not in client.grant_types:
        raise BadData("This application may not use the authorization code", field="client_id")
    return application


async def _found_pending(visit: _Visit, request_id: str) -> PendingRequest:
    """Return a request of the same browser. Raises NotFound."""
    pending = await sessions.find_request(visit.connection, request_id, visit.now)
    if pending is None or pending.browser_hash != hash_of(visit.browser.secret):
        raise NotFound(_GONE)
    return pending


async def _interaction(visit: _Visit, pending: PendingRequest) -> Interaction:
    application = await _found_application(visit.connection, pending.parameters)
    request = checked(application, pending.parameters)
    present = await find_signed_in(visit.connection, visit.browser.session, visit.now)
    hint = None
    if request.id_token_hint is not None:
        hint = read_hint(request.id_token_hint, visit.keys, visit.auth.issuer.url)
        if hint is None or hint.client_id != application.client_id:
            raise AuthorizationRefused("invalid_request", "id_token_hint is no ID token of this application")
    known = Interaction(pending.request_id, application, request, pending.created_at, present, hint)
    if present is None:
        return known
    consented = await applications.consented(visit.connection, present.user.user_id, application.client_id)
    has_passkey = bool(await passkeys.of_user(visit.connection, present.user.user_id))
    return replace(known, consented=consented, has_passkey=has_passkey)
