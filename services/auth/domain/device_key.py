"""A device key: a secret that a device or a small program sends as it is, with grants of its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.auth.domain.key_text import KeyText
from services.kernel.identity import Grant
from services.kernel.identity.sent_keys import DEVICE_KEY_PREFIX

DEVICE_KEYS = KeyText(DEVICE_KEY_PREFIX)


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A key; of its text only the hash is kept."""

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
