"""The device authorization grant (RFC 8628): a device asks, a person lets it in elsewhere, it fetches its tokens."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.application import Application
from services.auth.domain.openid.authorization import Authorization, RefreshToken
from services.auth.domain.openid.authorization_request import AuthorizationRefused, read_scope
from services.auth.domain.openid.device_grant import INTERVAL_S, LIFE_S, DeviceGrant, new_user_code, read_user_code
from services.auth.domain.openid.scope import OFFLINE
from services.auth.domain.openid.tokens import hash_of, new_id, new_token
from services.auth.openid.client_authentication import KnownClient
from services.auth.openid.person_tokens import Wanted, issue_for, person_of
from services.auth.openid.sign_in import SignedIn, still_holds
from services.auth.operations.auth import Auth
from services.auth.operations.tokens import TokenRefused, TokenRequest
from services.auth.store import applications, authorizations, device_grants, people
from services.auth.store.database import transaction
from services.auth.tokens.access_token import AccessToken
from services.kernel.errors import NotFound

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
_SLOWER_S = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a device is told: its own code, what the person types in, and how often it may ask."""

    device_code: str
    user_code: str
    expires_in_s: int = LIFE_S
    interval_s: int = INTERVAL_S


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person is asked on behalf of a device."""

    grant: DeviceGrant
    application: Application


async def begin(auth: Auth, known: KnownClient, scope: str) -> Waiting:
    """Let a device wait for a person. Raises TokenRefused."""
    if known.application is None or DEVICE_CODE not in known.client.grant_types:
        raise TokenRefused("unauthorized_client", f"The client may not use {DEVICE_CODE}")
    try:
        words = read_scope(known.application, scope)
    except AuthorizationRefused as error:
        raise TokenRefused(error.error, error.detail) from error
    now = auth.clock()
    device_code = new_token()
    for _ in range(5):
        user_code = new_user_code()
        grant = DeviceGrant(
            hash_of(device_code), user_code, known.client.client_id, words, now, now + timedelta(seconds=LIFE_S)
        )
        async with transaction(auth.engine) as connection:
            if await device_grants.add(connection, grant):
                return Waiting(device_code, user_code)
    raise TokenRefused("temporarily_unavailable", "No code is free; try again")


async def find_wish(auth: Auth, present: SignedIn, typed: str) -> Wish:
    """Return what waits under the code that somebody has typed in. Raises NotFound, TooMany for who guesses."""
    auth.attempts.check(f"device:{present.user.user_id}")
    async with transaction(auth.engine) as connection:
        found = await _wish(auth, connection, typed)
    if found is None:
        auth.attempts.note_wrong(f"device:{present.user.user_id}")
        raise NotFound("No device waits under this code: it is mistyped, used or expired")
    return found


async def decide(auth: Auth, present: SignedIn, typed: str, *, allowed: bool) -> None:
    """Let a device in, or not. Raises NotFound."""
    now = auth.clock()
    async with transaction(auth.engine) as connection:
        found = await _wish(auth, connection, typed)
        if found is None:
            raise NotFound("No device waits under this code any more")
        if not allowed:
            await device_grants.change(connection, found.grant.device_hash, status="denied")
            return
        authorization = _authorization(auth, found.grant, present)
        await authorizations.add(connection, authorization)
        key = present.user.user_id, found.grant.client_id
        await applications.consent(connection, key, found.grant.scope, now)
        values = {"status": "allowed", "authorization_id": authorization.authorization_id}
        await device_grants.change(connection, found.grant.device_hash, **values)


async def exchange_device_code(auth: Auth, known: KnownClient, request: TokenRequest) -> AccessToken:
    """Give a device its tokens as soon as a person has let it in (RFC 8628, 3.4). Raises TokenRefused."""
    code = request.parameters.get("device_code")
    if code is None:
        raise TokenRefused("invalid_request", "device_code is missing")
    async with transaction(auth.engine) as connection:
        found = await _poll(auth, connection, known, code)
        if isinstance(found, TokenRefused) or known.application is None:
            authorization = None
        else:
            authorization = await authorizations.find(connection, found.authorization_id or "")
            user = await people.find(connection, authorization.user_id) if authorization else None
            if authorization is None or user is None or not still_holds(authorization, user, auth.clock()):
                raise TokenRefused("invalid_grant", "What the person had allowed has ended")
            person = await person_of(connection, known.application, user)
            token = new_token() if _may_refresh(known, authorization) else None
            if token is not None:
                made = RefreshToken(hash_of(token), authorization.authorization_id, auth.clock())
                await authorizations.add_refresh_token(connection, made)
    if authorization is None:
        raise found if isinstance(found, TokenRefused) else TokenRefused("invalid_grant", "The code is not valid")
    wanted = Wanted(authorization.scope, request.revision, token, more=request.more)
    return await issue_for(auth, authorization, person, wanted)


async def _poll(auth: Auth, connection: AsyncConnection, known: KnownClient, code: str) -> DeviceGrant | TokenRefused:
    """Return the answered wish, which is forgotten, or why there is none yet; how often a device asks is kept."""
    now = auth.clock()
    grant = await device_grants.find(connection, hash_of(code))
    if grant is None or grant.client_id != known.client.client_id:
        return TokenRefused("invalid_grant", "The device code is not valid")
    if grant.expires_at <= now:
        return TokenRefused("expired_token", "Nobody has let the device in in time")
    if grant.status == "waiting":
        is_early = grant.polled_at is not None and now < grant.polled_at + timedelta(seconds=grant.interval_s - 1)
        interval_s = grant.interval_s + (_SLOWER_S if is_early else 0)
        await device_grants.change(connection, grant.device_hash, polled_at=now, interval_s=interval_s)
        if is_early:
            return TokenRefused("slow_down", f"Wait {interval_s} seconds between two questions")
        return TokenRefused("authorization_pending", "Nobody has let the device in yet")
    await device_grants.remove(connection, grant.device_hash)
    return grant if grant.status == "allowed" else TokenRefused("access_denied", "The person does not allow it")


async def _wish(auth: Auth, connection: AsyncConnection, typed: str) -> Wish | None:
    user_code = read_user_code(typed)
    grant = await device_grants.find_by_code(connection, user_code, auth.clock()) if user_code else None
    application = await applications.find(connection, grant.client_id) if grant is not None else None
    return Wish(grant, application) if grant is not None and application is not None else None


def _authorization(auth: Auth, grant: DeviceGrant, present: SignedIn) -> Authorization:
    now = auth.clock()
    brief = timedelta(seconds=auth.issuer.token_life_s + LIFE_S)
    return Authorization(
        authorization_id=new_id(),
        client_id=grant.client_id,
        user_id=present.user.user_id,
        sid=None,
        scope=grant.scope,
        authenticated_at=present.session.authenticated_at,
        aal=present.session.aal,
        amr=present.session.amr,
        created_at=now,
        expires_at=now + (auth.lifetimes.refresh if OFFLINE in grant.scope else brief),
        claims={},
        ial=present.assurance.ial,
    )


def _may_refresh(known: KnownClient, authorization: Authorization) -> bool:
    return OFFLINE in authorization.scope and "refresh_token" in known.client.grant_types
