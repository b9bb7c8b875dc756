"""Signing in: a session in a browser, and who it is that is signed in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.authorization import Authorization
from services.auth.domain.openid.scope import OFFLINE
from services.auth.domain.openid.session import Session
from services.auth.domain.openid.tokens import hash_of, new_id, new_token
from services.auth.domain.user import User
from services.auth.operations.auth import Auth
from services.auth.operations.people import authenticate_user
from services.auth.store import authorizations, people, policy_changes, sessions
from services.auth.store.database import transaction
from services.kernel.identity.assurance import Assurance


@dataclass(frozen=True, slots=True)
class Proof:
    """How somebody has shown who it is: the level of authentication, by which means (RFC 8176), and of identity."""

    aal: int
    amr: tuple[str, ...]
    ial: int = 0


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person with the browser session that proves it."""

    session: Session
    user: User

    @property
    def assurance(self) -> Assurance:
        """The levels: of identity what is known of the user, or more if this sign-in has shown more."""
        return Assurance(max(self.user.ial, self.session.ial), self.session.aal)


async def sign_in_with_password(auth: Auth, login: str, password: str, former: str | None) -> tuple[str, User]:
    """Sign somebody in; returns the cookie of the new session, and who it is. Raises NotAuthenticated.

    `former` is the browser's cookie from before: that session ends, so that nobody can fix one for somebody else.
    """
    user = await authenticate_user(auth, login, password)
    return await open_session(auth, user, Proof(1, ("pwd",)), former), user


async def open_session(auth: Auth, user: User, proof: Proof, former: str | None) -> str:
    """Open a session for somebody who has shown who it is; returns its cookie.

    What the browser's former session of the same person was for goes on: it keeps its name in ID tokens.
    """
    now = auth.clock()
    cookie = new_token()
    async with transaction(auth.engine) as connection:
        before = await sessions.find(connection, hash_of(former), now) if former else None
        sid = before.sid if before is not None and before.user_id == user.user_id else new_id()
        if before is not None:
            await _end(connection, before, now, keep=before.sid == sid)
        session = Session(
            session_hash=hash_of(cookie),
            sid=sid,
            user_id=user.user_id,
            authenticated_at=now,
            aal=proof.aal,
            amr=proof.amr,
            expires_at=now + auth.lifetimes.session,
            ial=proof.ial,
        )
        await sessions.add(connection, session, now)
    return cookie


async def signed_in(auth: Auth, cookie: str | None) -> SignedIn | None:
    """Return who is signed in with a session's cookie, None if nobody is. Raises Unavailable."""
    if not cookie:
        return None
    async with transaction(auth.engine) as connection:
        return await find_signed_in(connection, cookie, auth.clock())


async def find_signed_in(connection: AsyncConnection, cookie: str | None, now: datetime) -> SignedIn | None:
    """Return who is signed in with a cookie; a suspended person, or a session from before a new password, is nobody."""
    session = await sessions.find(connection, hash_of(cookie), now) if cookie else None
    user = await people.find(connection, session.user_id) if session is not None else None
    if session is None or user is None or not is_still_right(user, session.authenticated_at):
        return None
    return SignedIn(session, user)


def is_still_right(user: User, authenticated_at: datetime) -> bool:
    """Tell whether a sign-in still holds: the person is not suspended, and the password is not newer."""
    changed = user.password_changed_at
    return user.status == "active" and (changed is None or changed <= authenticated_at)


async def sign_out(auth: Auth, cookie: str | None) -> SignedIn | None:
    """End a session, and what applications may do because of it; returns who was signed in."""
    now = auth.clock()
    async with transaction(auth.engine) as connection:
        found = await find_signed_in(connection, cookie, now)
        if found is not None:
            await _end(connection, found.session, now, keep=False)
    return found


async def end_authorizations(connection: AsyncConnection, ended: list[str], now: datetime) -> None:
    """Let every service refuse the tokens of authorizations that have ended."""
    for authorization_id in ended:
        await policy_changes.outdate(connection, authorization_id, now)


def still_holds(authorization: Authorization, user: User | None, now: datetime) -> bool:
    """Tell whether tokens may come of an authorization."""
    return authorization.is_valid(now) and user is not None and is_still_right(user, authorization.authenticated_at)


async def _end(connection: AsyncConnection, session: Session, now: datetime, *, keep: bool) -> None:
    await sessions.end(connection, session.session_hash)
    if not keep:
        ended = await authorizations.revoke_session(connection, session.sid, OFFLINE, now)
        await end_authorizations(connection, ended, now)
