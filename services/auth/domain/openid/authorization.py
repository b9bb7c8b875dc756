"""What a person has let an application do, and the codes and tokens that come of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Authorization:
    """One act of letting an application do something; `sid` is the session it happened in, None on a device.

    `claims` are those asked for one by one: `{"userinfo": [names], "id_token": [names]}`. `revoked_at` ends it with all
    its tokens. Without `offline_access` it ends with the session.
    """

    authorization_id: str
    client_id: str
    user_id: str
    sid: str | None
    scope: tuple[str, ...]
    authenticated_at: datetime
    aal: int
    amr: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    claims: Mapping[str, Any]
    nonce: str | None = None
    ial: int = 0
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Tell whether tokens may come of it."""
        return self.revoked_at is None and self.expires_at > now

    def asked(self, where: str) -> tuple[str, ...]:
        """Return the claims asked for one by one, in `userinfo` or the `id_token`."""
        return tuple(self.claims.get(where, ()))


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code, for one exchange; the hash stands for it."""

    code_hash: str
    authorization_id: str
    redirect_uri: str
    code_challenge: str | None
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token, for one use; the hash stands for it."""

    token_hash: str
    authorization_id: str
    created_at: datetime
    used_at: datetime | None = None
