"""How long sessions, codes and refresh tokens last."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long things last: `session` since the sign-in, `refresh` since a refresh token was last used."""

    session: timedelta = timedelta(hours=12)
    refresh: timedelta = timedelta(days=30)
    code: timedelta = timedelta(minutes=1)
    request: timedelta = timedelta(minutes=30)
