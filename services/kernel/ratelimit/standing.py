"""What a caller may still do, and how it is told (draft-ietf-httpapi-ratelimit-headers-10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.kernel.metering.kinds import JST

_MINUTE: Final = 60
_DAY: Final = 86_400
_OFFSET: Final = int(JST.utcoffset(None).total_seconds())


@dataclass(frozen=True, slots=True)
class Policy:
    """A quota of requests within a time, by the clock: its name among the tenant's quotas, and whose it is."""

    name: str
    window_s: int
    is_of_client: bool = False

    def ends(self, now_s: float) -> int:
        """Return when the present window ends, seconds since 1970; days end at midnight in Japan."""
        shifted = int(now_s) + _OFFSET
        return shifted - shifted % self.window_s + self.window_s - _OFFSET


POLICIES: Final = (
    Policy("requests_per_minute", _MINUTE),
    Policy("client_requests_per_minute", _MINUTE, is_of_client=True),
    Policy("requests_per_day", _DAY),
)


MEASURES: Final = (Policy("measures_per_minute", _MINUTE), Policy("measures_per_day", _DAY))
"""Of measures of devices, whatever brings them."""

NOTIFICATIONS: Final = (Policy("notifications_per_day", _DAY),)
"""Of notifications that receivers take."""


@dataclass(frozen=True, slots=True)
class Granted:
    """How much of what is asked there is room for; where that is not all, why, and the seconds until there is more."""

    count: int
    why: str = ""
    retry_after_s: int = 0


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of one quota, and the seconds until it is whole again."""

    policy: Policy
    quota: int
    left: int
    reset_s: int


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of each quota that concerns a request."""

    remaining: Sequence[Remaining]

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The headers that tell it: `RateLimit-Policy` (3) and `RateLimit` (4), lists of structured items."""
        policies = ", ".join(f'"{each.policy.name}";q={each.quota};w={each.policy.window_s}' for each in self.remaining)
        limits = ", ".join(f'"{each.policy.name}";r={each.left};t={each.reset_s}' for each in self.remaining)
        return ("RateLimit-Policy", policies), ("RateLimit", limits)
