"""The counts of requests in the present windows, of this process and, as far as they are told, of the others."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from services.kernel.errors import RateLimited
from services.kernel.metering.kinds import SERVICE_CLIENT
from services.kernel.ratelimit.standing import MEASURES, POLICIES, Granted, Policy, Remaining, Standing

Key: TypeAlias = tuple[str, str, str]
"""Policy, tenant, and client (empty where it is the tenant's)."""
_MOST_WINDOWS: Final = 100_000


@dataclass(slots=True)
class Window:
    """Requests until `ends`: `spent` here, of which `told` are known to the others, and `elsewhere`."""

    ends: int
    spent: int = 0
    told: int = 0
    elsewhere: int = 0


class Limiter:
    """Counts and refuses; `windows` are those that are open, by key."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self.windows: dict[Key, Window] = {}

    def spend(self, tenant: str, client: str, quotas: Mapping[str, int]) -> Standing | None:
        """Count a request and return what is left; None where no quota is about requests. Raises RateLimited.

        What is refused is not counted. The hub's own services are not limited.
        """
        policies = [policy for policy in POLICIES if policy.name in quotas]
        if not policies or client.startswith(SERVICE_CLIENT):
            return None
        now = self._clock()
        windows = [self._window(policy, tenant, client, now) for policy in policies]
        for policy, window in zip(policies, windows, strict=True):
            if window.spent + window.elsewhere >= quotas[policy.name]:
                standing = _standing(policies, windows, quotas, now)
                raise _refusal(policy, tenant, client, standing)
        for window in windows:
            window.spent += 1
        return _standing(policies, windows, quotas, now)

    def grant(
        self,
        tenant: str,
        quotas: Mapping[str, int],
        wanted: int,
        *,
        whole: bool,
        policies: Sequence[Policy] = MEASURES,
    ) -> Granted:
        """Count as much of a tenant's as its quotas have room for, with `whole` all that is wanted or none.

        `policies` say what is counted, unless given measures.
        """
        now = self._clock()
        policies = [policy for policy in policies if policy.name in quotas]
        windows = [self._window(policy, tenant, "", now) for policy in policies]
        standing = _standing(policies, windows, quotas, now)
        least = min(standing.remaining, key=lambda each: each.left, default=None)
        if least is None or wanted <= least.left:
            count, granted = wanted, Granted(wanted)
        else:
            count = 0 if whole else least.left
            words = _spent(f"Tenant {tenant or '(default)'}", least)
            granted = Granted(count, words, least.reset_s)
        for window in windows:
            window.spent += count
        return granted

    def give_back(self, tenant: str, policies: Sequence[Policy], count: int) -> None:
        """Take back what was granted and not used, as far as its windows are still open."""
        now = self._clock()
        for policy in policies:
            window = self.windows.get((policy.name, tenant, ""))
            if window is not None and window.ends > now:
                window.spent = max(window.spent - count, 0)

    def forget_ended(self) -> None:
        """Drop the windows that are over."""
        now = self._clock()
        self.windows = {key: window for key, window in self.windows.items() if window.ends > now}

    def _window(self, policy: Policy, tenant: str, client: str, now: float) -> Window:
        key = (policy.name, tenant, client if policy.is_of_client else "")
        window = self.windows.get(key)
        if window is None or window.ends <= now:
            if len(self.windows) >= _MOST_WINDOWS:
                self.forget_ended()
            window = self.windows[key] = Window(policy.ends(now))
        return window


def _standing(policies: Sequence[Policy], windows: list[Window], quotas: Mapping[str, int], now: float) -> Standing:
    return Standing(
        [
            Remaining(
                policy=policy,
                quota=quotas[policy.name],
                left=max(0, quotas[policy.name] - window.spent - window.elsewhere),
                reset_s=max(1, int(window.ends - now)),
            )
            for policy, window in zip(policies, windows, strict=True)
        ]
    )


def _refusal(policy: Policy, tenant: str, client: str, standing: Standing) -> RateLimited:
    who = f"Client {client}" if policy.is_of_client else f"Tenant {tenant or '(default)'}"
    spent = next(each for each in standing.remaining if each.policy is policy)
    return RateLimited(_spent(who, spent), (*standing.headers, ("Retry-After", str(spent.reset_s))), quota=policy.name)


def _spent(who: str, spent: Remaining) -> str:
    return f"{who} has used its quota {spent.policy.name} ({spent.quota}); it is whole again in {spent.reset_s} s"
