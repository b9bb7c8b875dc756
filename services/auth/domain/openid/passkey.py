"""A passkey: a key pair of which a person's device keeps the private half (Web Authentication Level 3)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey; `is_backed_up` says that the person's devices share it."""

    credential_id: str
    user_id: str
    public_key: bytes
    sign_count: int
    title: str
    is_backed_up: bool
    created_at: datetime
    last_used_at: datetime | None = None
