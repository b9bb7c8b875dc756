"""The userinfo endpoint: what an application may know of the person it acts for (OpenID Connect Core, 5.3)."""

from dataclasses import dataclass
from typing import Any

from services.auth.domain.openid.scope import OPENID, wanted_claims
from services.auth.openid.person_tokens import person_of
from services.auth.openid.sign_in import still_holds
from services.auth.openid.token_status import is_current
from services.auth.operations.auth import Auth
from services.auth.store import applications, authorizations, people
from services.auth.store.database import transaction
from services.auth.tokens.id_token import sign_userinfo
from services.kernel.errors import NotAllowed, NotAuthenticated
from services.kernel.identity import Principal


@dataclass(frozen=True, slots=True)
class UserInfo:
    """What is told: the claims, and the same as a JWT for an application that wants it signed."""

    claims: dict[str, Any]
    signed: str | None = None


async def userinfo(auth: Auth, principal: Principal) -> UserInfo:
    """Return what a token lets its application know. Raises NotAuthenticated, NotAllowed, Unavailable."""
    now = auth.clock()
    async with transaction(auth.engine) as connection:
        if not await is_current(connection, principal):
            raise NotAuthenticated("The token has ended")
        authorization = await authorizations.find(connection, principal.authorization_id)
        if authorization is None:
            raise NotAllowed("The token is not of a person who has signed in to an application")
        if OPENID not in authorization.scope:
            raise NotAllowed("The token's scope does not hold openid")
        user = await people.find(connection, authorization.user_id)
        application = await applications.find(connection, authorization.client_id)
        if user is None or application is None or not still_holds(authorization, user, now):
            raise NotAuthenticated("What the person had allowed has ended")
        person = await person_of(connection, application, user)
    wanted = wanted_claims(authorization.scope, authorization.asked("userinfo"))
    claims = {"sub": person.subject, **{name: value for name, value in person.claims.items() if name in wanted}}
    algorithm = application.details.userinfo_signed_response_alg
    if algorithm is None:
        return UserInfo(claims)
    signer = await auth.keys.signer(algorithm)
    return UserInfo(claims, sign_userinfo(auth.issuer.url, application.client_id, claims, signer))
