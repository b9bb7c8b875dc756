"""A device without a browser that waits for a person who lets it in (RFC 8628)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so that no words come of it
_TYPED = re.compile(rf"[{_LETTERS}]{{8}}")
INTERVAL_S = 5
LIFE_S = 600


@dataclass(frozen=True, slots=True)
class DeviceGrant:
    """A device's wish; `interval_s` is how long it has to wait between two questions."""

    device_hash: str
    user_code: str
    client_id: str
    scope: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    status: Literal["waiting", "allowed", "denied"] = "waiting"
    authorization_id: str | None = None
    interval_s: int = INTERVAL_S
    polled_at: datetime | None = None


def read_user_code(text: str) -> str | None:
    """Read what a person has typed in, whatever the case and the signs between; None if it is no code."""
    code = re.sub(r"[^A-Za-z]", "", text[:50]).upper()
    return code if _TYPED.fullmatch(code) else None


def shown(user_code: str) -> str:
    """Write a code as it is shown."""
    return f"{user_code[:4]}-{user_code[4:]}"
