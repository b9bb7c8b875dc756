"""What an application may ask for: parts of a person's profile, actions in the hub, access while the person is away."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.auth.domain.access import ACTIONS
from services.auth.domain.user import User

OPENID, PROFILE, EMAIL, OFFLINE = "openid", "profile", "email", "offline_access"
PERSONAL = (OPENID, PROFILE, EMAIL, OFFLINE)
SCOPES = (*PERSONAL, *(action for action in ACTIONS if action != "report"))
"""All that can be asked for on behalf of a person; `report` is the services' own."""

DEFAULT_SCOPE = (*PERSONAL, "read", "subscribe", "write")
"""What an application may ask for unless its registration says otherwise."""

CLAIMS: Mapping[str, tuple[str, ...]] = {
    PROFILE: ("name", "preferred_username", "updated_at", "tenant", "municipality_code", "ial"),
    EMAIL: ("email", "email_verified"),
}
"""The claims that each scope asks for (OpenID Connect Core, 5.4)."""


def actions_of(scope: Iterable[str]) -> tuple[str, ...]:
    """Return the part of a scope that names actions in the hub."""
    return tuple(word for word in scope if word in ACTIONS)


def claims_of(user: User, municipality_code: str | None) -> dict[str, Any]:
    """Return all that can be told of a person; what is not known is left out.

    `tenant` and `municipality_code` say where the person belongs, so that an application need not ask.
    """
    is_address = "@" in user.login
    told = {
        "name": user.name,
        "preferred_username": user.login,
        "updated_at": int(user.modified_at.timestamp()) if user.modified_at else None,
        "tenant": user.tenant,
        "municipality_code": municipality_code,
        "ial": user.ial,
        "email": user.login if is_address else None,
        "email_verified": False if is_address else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def wanted_claims(scope: Iterable[str], asked: Iterable[str]) -> frozenset[str]:
    """Return the names of the claims that a scope and a `claims` parameter ask for."""
    held = {name for word in scope for name in CLAIMS.get(word, ())}
    return frozenset(held | set(asked))
