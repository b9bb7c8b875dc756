"""The tokens that a person's authorization gives an application."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.access import narrow
from services.auth.domain.openid.application import Application
from services.auth.domain.openid.authorization import Authorization
from services.auth.domain.openid.scope import OPENID, PERSONAL, actions_of, claims_of
from services.auth.domain.user import User
from services.auth.openid.subjects import subject_for
from services.auth.operations.auth import Auth
from services.auth.operations.people import grants_of
from services.auth.store import tenants
from services.auth.tokens.access_token import AccessToken, Bearer, sign
from services.auth.tokens.id_token import SignIn, sign_id_token
from services.kernel.identity import Grant
from services.kernel.identity.assurance import Assurance


@dataclass(frozen=True, slots=True)
class Person:
    """Who an authorization is of, as its application sees this person: the name there, and all that can be told."""

    user: User
    subject: str
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What tokens are wanted of an authorization: the scope, or less; the policy feed's position; what comes along."""

    scope: Sequence[str]
    revision: int
    refresh_token: str | None = None
    nonce: str | None = None
    more: Mapping[str, object] = field(default_factory=dict)
    """Further claims of the access token: of the service that the application belongs to."""


async def person_of(connection: AsyncConnection, application: Application, user: User) -> Person:
    """Return a person as an application sees it."""
    tenant = await tenants.find(connection, user.tenant) if user.tenant is not None else None
    subject = await subject_for(connection, application, user.user_id)
    return Person(user, subject, claims_of(user, tenant.code if tenant is not None else None))


async def issue_for(auth: Auth, authorization: Authorization, person: Person, wanted: Wanted) -> AccessToken:
    """Make the tokens: for the hub with what the person's roles grant, for the application who signed in."""
    now = auth.clock()
    signer = await auth.keys.signer()
    grants = held_grants(await grants_of(auth, person.user.user_id), actions_of(wanted.scope))
    assurance = Assurance(authorization.ial, authorization.aal)
    bearer = Bearer(
        person.user.user_id,
        authorization.client_id,
        grants,
        wanted.revision,
        ial=assurance.ial,
        aal=assurance.aal,
        scope=tuple(word for word in wanted.scope if word in PERSONAL),
        more={
            **wanted.more,
            "aid": authorization.authorization_id,
            "auth_time": int(authorization.authenticated_at.timestamp()),
            "acr": assurance.acr,
        },
    )
    token = sign(auth.issuer, bearer, signer, now)
    id_token = None
    if OPENID in wanted.scope:
        claims = _id_claims(authorization, person, wanted.nonce)
        told = SignIn(person.subject, authorization.client_id, claims, token.text)
        id_token = sign_id_token((auth.issuer.url, auth.issuer.token_life_s), told, signer, now)
    return AccessToken(token.text, token.expires_in_s, token.scope, wanted.refresh_token, id_token)


def held_grants(grants: Sequence[Grant], actions: Sequence[str]) -> tuple[Grant, ...]:
    """Return grants narrowed to some actions; an action that none of them holds is left out, without any nothing is."""
    held = [action for action in actions if any({action, "*"} & set(grant.actions) for grant in grants)]
    return narrow(grants, " ".join(held)) if held else ()


def _id_claims(authorization: Authorization, person: Person, nonce: str | None) -> dict[str, Any]:
    assurance = Assurance(authorization.ial, authorization.aal)
    told = {
        "auth_time": int(authorization.authenticated_at.timestamp()),
        "acr": assurance.acr,
        "amr": list(authorization.amr),
        "sid": authorization.sid,
        "nonce": nonce,
    }
    asked = {name: person.claims[name] for name in authorization.asked("id_token") if name in person.claims}
    return {**asked, **{name: value for name, value in told.items() if value is not None}}
