"""A personal key: a secret with which a program acts for a person, with what the person may do at each use."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.auth.domain.access import ACTIONS
from services.auth.domain.key_text import KeyText
from services.kernel.identity import Grant, Principal
from services.kernel.identity.sent_keys import PERSONAL_KEY_PREFIX

PERSONAL_KEYS = KeyText(PERSONAL_KEY_PREFIX)
_BEARER = "personal-key:"


@dataclass(frozen=True, slots=True)
class PersonalKey:
    """A key; of its text only the hash is kept. It has no grants of its own."""

    key_id: str
    key_hash: str
    user_id: str
    title: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    @property
    def bearer(self) -> str:
        """The client that a token for it names, and what the token came of: both end with the key."""
        return f"{_BEARER}{self.key_id}"

    def is_valid(self, now: datetime) -> bool:
        """Tell whether it is accepted."""
        return self.expires_at is None or self.expires_at > now


def key_of(bearer: str) -> str | None:
    """Return the identifier of the key that a client or an authorization stands for, None if it is no key."""
    return bearer.removeprefix(_BEARER) if bearer.startswith(_BEARER) else None


def carries_all(principal: Principal, grants: tuple[Grant, ...]) -> bool:
    """Tell whether a token carries all that its person is granted: an application's scope has taken nothing away."""
    return all(
        _carries(principal, grant, action)
        for grant in grants
        for action in (ACTIONS if "*" in grant.actions else grant.actions)
    )


def _carries(principal: Principal, grant: Grant, action: str) -> bool:
    where = replace(grant, actions=())
    return any({"*", action} & set(held.actions) and replace(held, actions=()) == where for held in principal.grants)
