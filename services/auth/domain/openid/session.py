"""A session: somebody signed in, in one browser; and how sure it is who that is."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in; `sid` names the session in ID tokens, the hash stands for the browser's cookie.

    `ial` is the level of identity proofing that this sign-in has shown, where more than is known of the user.
    """

    session_hash: str
    sid: str
    user_id: str
    authenticated_at: datetime
    aal: int
    amr: tuple[str, ...]
    expires_at: datetime
    ial: int = 0

    def is_older_than(self, age_s: int, now: datetime) -> bool:
        """Tell whether the person last proved more than so many seconds ago who it is."""
        return self.authenticated_at < now - timedelta(seconds=age_s)
