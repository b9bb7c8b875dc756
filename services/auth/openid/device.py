"""A person lets a device in that waits elsewhere (RFC 8628, 3.3)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.application import Application
from services.auth.domain.openid.authorization import Authorization
from services.auth.domain.openid.device_grant import LIFE_S, DeviceGrant, read_user_code
from services.auth.domain.openid.scope import OFFLINE
from services.auth.domain.openid.tokens import new_id
from services.auth.openid.sign_in import SignedIn
from services.auth.operations.auth import Auth
from services.auth.store import applications, authorizations, device_grants
from services.auth.store.database import transaction
from services.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person is asked on behalf of a device."""

    grant: DeviceGrant
    application: Application


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
