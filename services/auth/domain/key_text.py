"""The text of a key that is sent as it is: `<prefix>_<identifier>_<secret>`; of the secret only a hash is kept."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.kernel.errors import BadData

LONGEST_LIFE = timedelta(days=1830)
_RANDOM = "abcdefghijkmnpqrstuvwxyz23456789"
_KEY = re.compile(r"([a-z]+_)([a-z2-9]{12})_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class KeyText:
    """How the keys of one kind are written; by `prefix` those who look for published secrets find them."""

    prefix: str

    def new(self) -> tuple[str, str]:
        """Make up a key; returns its identifier and the whole text. The secret holds 256 random bits."""
        key_id = "".join(secrets.choice(_RANDOM) for _ in range(12))
        return key_id, f"{self.prefix}{key_id}_{secrets.token_urlsafe(32)}"

    def id_of(self, text: str) -> str | None:
        """Return the identifier in a key's text, None if it is no key of this kind."""
        found = _KEY.fullmatch(text)
        return found[2] if found and found[1] == self.prefix else None


def hash_of(text: str) -> str:
    """Return the hash under which a key is kept: its SHA-256, since 256 random bits need no slow one."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_right(key_hash: str | None, text: str) -> bool:
    """Tell whether a text is that of a hash, in a time that does not tell how much of it is right."""
    return hmac.compare_digest(key_hash or hash_of(""), hash_of(text)) and key_hash is not None


def check_end(expires_at: datetime | None, now: datetime) -> None:
    """Refuse a key that has ended when it begins, or lasts for more than five years. Raises BadData."""
    if expires_at is not None and not now < expires_at <= now + LONGEST_LIFE:
        raise BadData("expires_at must lie in the future, at most five years from now", field="expires_at")
