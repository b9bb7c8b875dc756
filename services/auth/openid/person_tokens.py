"""The tokens that a person's authorization gives an application."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.access import narrow
from services.auth.domain.openid.application import Application
from services.auth.domain.openid.authorization import Authorization
from services.auth.domain.openid.scope import PERSONAL, actions_of, claims_of
from services.auth.domain.user import User
from services.auth.openid.subjects import subject_for
from services.auth.store import tenants
from services.auth.tokens.access_token import Bearer
from services.kernel.identity import Grant
from services.kernel.identity.assurance import Assurance


@dataclass(frozen=True, slots=True)
class Person:
    """Who an authorization is of, as its application sees this person: the name there, and all that can be told."""

    user: User
    subject: str
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Permission:
    """An authorization that holds now, who gave it, and the application: what Authlib calls the user."""

    authorization: Authorization
    person: Person
    application: Application


async def person_of(connection: AsyncConnection, application: Application, user: User) -> Person:
    """Return a person as an application sees it."""
    tenant = await tenants.find(connection, user.tenant) if user.tenant is not None else None
    subject = await subject_for(connection, application, user.user_id)
    return Person(user, subject, claims_of(user, tenant.code if tenant is not None else None))


def bearer_of(
    permission: Permission,
    scope: Sequence[str],
    grants: Sequence[Grant],
    revision: int,
    more: Mapping[str, object],
) -> Bearer:
    """Return whom an access token is for: it holds of what the person's roles grant what the scope names.

    `more` are the claims of the service that the application belongs to.
    """
    authorization = permission.authorization
    return Bearer(
        authorization.user_id,
        authorization.client_id,
        held_grants(grants, actions_of(scope)),
        revision,
        ial=authorization.ial,
        aal=authorization.aal,
        scope=tuple(word for word in scope if word in PERSONAL),
        more={
            **more,
            "aid": authorization.authorization_id,
            "auth_time": int(authorization.authenticated_at.timestamp()),
            "acr": Assurance(authorization.ial, authorization.aal).acr,
        },
    )


def id_claims(permission: Permission, nonce: str | None) -> dict[str, Any]:
    """Return what an ID token tells: how the person signed in, and the claims asked for one by one."""
    authorization, person = permission.authorization, permission.person
    told = {
        "auth_time": int(authorization.authenticated_at.timestamp()),
        "acr": Assurance(authorization.ial, authorization.aal).acr,
        "amr": list(authorization.amr),
        "sid": authorization.sid,
        "nonce": nonce,
    }
    asked = {name: person.claims[name] for name in authorization.asked("id_token") if name in person.claims}
    return {**asked, **{name: value for name, value in told.items() if value is not None}}


def held_grants(grants: Sequence[Grant], actions: Sequence[str]) -> tuple[Grant, ...]:
    """Return grants narrowed to some actions; an action that none of them holds is left out, without any nothing is."""
    held = [action for action in actions if any({action, "*"} & set(grant.actions) for grant in grants)]
    return narrow(grants, " ".join(held)) if held else ()
