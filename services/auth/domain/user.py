"""A user: a person who signs in with a password, and may be locked out for a while."""

import re
import secrets
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from services.kernel.errors import BadData

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 128
_FREE_FAILURES = 5
_FIRST_LOCK = timedelta(minutes=1)
_LONGEST_LOCK = timedelta(hours=1)
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._+@-]{2,99}")
_RANDOM = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class User:
    """A user; of the password only the Argon2id hash is kept, None while none is set.

    `tenant` is where the person belongs, None for the operator's staff. `ial` is the level of identity proofing, 0-3.
    """

    user_id: str
    login: str
    tenant: str | None = None
    name: str | None = None
    password_hash: str | None = None
    status: Literal["active", "suspended"] = "active"
    ial: int = 0
    failures: int = 0
    locked_until: datetime | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    password_changed_at: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Tell whether passwords are refused for now, right ones too."""
        return self.locked_until is not None and self.locked_until > now

    def failed(self, now: datetime) -> "User":
        """Return the user after a wrong password: from the fifth in a row locked, a minute, then twice as long."""
        failures = self.failures + 1
        if failures < _FREE_FAILURES:
            return replace(self, failures=failures)
        lock = min(_FIRST_LOCK * 2 ** min(failures - _FREE_FAILURES, 10), _LONGEST_LOCK)
        return replace(self, failures=failures, locked_until=now + lock)

    def succeeded(self) -> "User":
        """Return the user after a right password."""
        return replace(self, failures=0, locked_until=None)


def new_user_id() -> str:
    """Make up a user's identifier, which tells nothing of the person."""
    return "u-" + "".join(secrets.choice(_RANDOM) for _ in range(16))


def read_login(text: str) -> str:
    """Fold a login name to lower case and hold it against its grammar; an e-mail address is one. Raises BadData."""
    login = unicodedata.normalize("NFKC", text).strip().lower()
    if not _LOGIN.fullmatch(login):
        raise BadData("login must be 3 to 100 of a-z, 0-9 and '._+@-', like an e-mail address", field="login")
    return login


def normal(password: str) -> str:
    """Return a password in the form that is hashed: the same signs, however a keyboard composes them (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def read_password(text: str, login: str) -> str:
    """Hold a password against the rule: 12 to 128 characters, not made of the login or of one sign. Raises BadData."""
    password = normal(text)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadData(f"password must be {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters", field="password")
    name = login.partition("@")[0]
    if len(set(password)) < 5 or (len(name) > 3 and name in password.lower()):
        raise BadData("password is too easy to guess: it repeats itself or holds the login", field="password")
    return password
