"""When a failed delivery is tried again, and when a notice is given up and goes to the dead letters."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.broker.notify.message import Delivery


@dataclass(frozen=True, slots=True)
class Retries:
    """How often and how late a delivery is tried again. The n-th wait is `first_s * 2**(n-1)`, at most `longest_s`.

    A notice that the receiver refuses (4xx) is given up after `refusals` failures, so that it does not hold up the
    others; one whose receiver is away, when it is `give_up_s` old.
    """

    refusals: int = 8
    give_up_s: float = 3600.0
    first_s: float = 0.5
    longest_s: float = 60.0

    def is_over(self, delivery: Delivery, attempts: int) -> bool:
        """Tell whether that many failures in a row are enough to give a notice up."""
        return delivery.hopeless or (delivery.is_refusal and attempts >= self.refusals)

    def is_too_old(self, created_at: datetime, now: datetime) -> bool:
        """Tell whether a notice whose receiver is away is given up."""
        return now - created_at >= timedelta(seconds=self.give_up_s)

    def next_try(self, now: datetime, attempts: int, cooldown_ms: int | None) -> datetime:
        """Return when to try again after failures in a row; up to a quarter earlier, not before the cool-down."""
        exponent = min(max(attempts - 1, 0), 30)
        wait_s = min(self.first_s * 2**exponent, self.longest_s) * random.uniform(0.75, 1)  # noqa: S311
        return now + timedelta(seconds=max(wait_s, (cooldown_ms or 0) / 1000))
