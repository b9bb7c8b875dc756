"""A device key: a secret that a device or a small program sends as it is, with grants of its own."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.kernel.identity import Grant

PREFIX = "hbk"
"""The beginning of every key, so that one that was published by mistake is found by those who look for secrets."""

_KEY = re.compile(rf"{PREFIX}_([a-z2-9]{{12}})_([A-Za-z0-9_-]{{43}})")
_RANDOM = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A key; of the secret only the SHA-256 is kept: 256 random bits need no slow hash."""

    key_id: str
    key_hash: str
    tenant: str
    created_by: str
    title: str | None = None
    status: Literal["active", "revoked"] = "active"
    grants: tuple[Grant, ...] = ()
    created_at: datetime | None = None
    expires_at: datetime | None = None
    last_used_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Tell whether it is accepted."""
        return self.status == "active" and (self.expires_at is None or self.expires_at > now)

    @property
    def subject(self) -> str:
        """Who a token for it names."""
        return f"key:{self.key_id}"


def new_key() -> tuple[str, str]:
    """Make up a key; returns its identifier and the whole text, `hbk_<identifier>_<secret>`."""
    key_id = "".join(secrets.choice(_RANDOM) for _ in range(12))
    return key_id, f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"


def id_of(text: str) -> str | None:
    """Return the identifier in a key's text, None if it is no key."""
    found = _KEY.fullmatch(text)
    return found[1] if found else None


def hash_of(text: str) -> str:
    """Return the hash under which a key is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_right(key: DeviceKey | None, text: str) -> bool:
    """Tell whether a text is a key's, in a time that does not tell how much of it is right."""
    return hmac.compare_digest(key.key_hash if key else hash_of(""), hash_of(text)) and key is not None
