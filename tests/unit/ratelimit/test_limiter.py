"""Requests are counted by the clock, for the tenant and for each client, and what is refused costs nothing."""

import pytest

from services.kernel.errors import RateLimited
from services.kernel.ratelimit import NOTIFICATIONS, POLICIES, Granted, Limiter

MIDNIGHT_IN_JAPAN = 1_775_055_600.0  # 2026-04-02T00:00+09:00
MINUTE, CLIENT, DAY = (policy.name for policy in POLICIES)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = MIDNIGHT_IN_JAPAN) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("number", "after_s", "left_s"), [(0, 0, 60), (0, 59, 1), (2, 0, 86_400), (2, 3600 * 23, 3600), (2, -1, 1)]
)
def test_minutes_are_the_clocks_and_days_end_at_midnight_in_japan(number: int, after_s: int, left_s: int) -> None:
    now = MIDNIGHT_IN_JAPAN + after_s
    assert POLICIES[number].ends(now) - now == left_s


def test_a_quota_is_spent_and_whole_again_in_the_next_minute() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    for left in (1, 0):
        clock.now += 10
        standing = limiter.spend("takamatsu", "app", {MINUTE: 2})
        assert standing is not None
        reset = 60 - int(clock.now - MIDNIGHT_IN_JAPAN)
        assert standing.headers == (
            ("RateLimit-Policy", f'"{MINUTE}";q=2;w=60'),
            ("RateLimit", f'"{MINUTE}";r={left};t={reset}'),
        )
    with pytest.raises(RateLimited, match=r"Tenant takamatsu has used its quota requests_per_minute \(2\)") as refused:
        limiter.spend("takamatsu", "app", {MINUTE: 2})
    assert dict(refused.value.headers)["Retry-After"] == "40"
    clock.now += 40
    assert limiter.spend("takamatsu", "app", {MINUTE: 2}) is not None


def test_each_client_and_each_tenant_has_its_own() -> None:
    limiter = Limiter(Clock())
    quotas = {MINUTE: 3, CLIENT: 1}
    for tenant, client in (("a", "x"), ("a", "y"), ("b", "x")):
        limiter.spend(tenant, client, quotas)
    with pytest.raises(RateLimited, match="Client x"):
        limiter.spend("a", "x", quotas)
    assert limiter.spend("a", "z", quotas) is not None
    with pytest.raises(RateLimited, match="Tenant a"):
        limiter.spend("a", "w", quotas)


def test_what_one_quota_refuses_is_not_taken_from_the_others() -> None:
    limiter = Limiter(Clock())
    limiter.spend("a", "x", {MINUTE: 1, DAY: 5})
    for _ in range(9):
        with pytest.raises(RateLimited):
            limiter.spend("a", "x", {MINUTE: 1, DAY: 5})
    standing = limiter.spend("a", "x", {DAY: 5})
    assert standing is not None
    assert [each.left for each in standing.remaining] == [3]


def test_where_no_quota_is_about_requests_nothing_is_counted() -> None:
    limiter = Limiter(Clock())
    assert limiter.spend("a", "x", {"entities": 5}) is None
    assert limiter.spend("a", "service-ingest", {MINUTE: 0}) is None
    assert limiter.windows == {}


def test_a_quota_of_none_refuses_everything() -> None:
    with pytest.raises(RateLimited):
        Limiter(Clock()).spend("a", "x", {MINUTE: 0})


def test_of_measures_as_many_are_granted_as_there_is_room_for_or_none() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    quotas = {"measures_per_minute": 10, "measures_per_day": 15, MINUTE: 1}
    assert limiter.grant("a", quotas, 8, whole=True) == Granted(8)
    refused = limiter.grant("a", quotas, 4, whole=True)
    assert (refused.count, refused.retry_after_s) == (0, 60)
    assert refused.why == "Tenant a has used its quota measures_per_minute (10); it is whole again in 60 s"
    assert limiter.grant("a", quotas, 4, whole=False).count == 2
    assert limiter.grant("b", quotas, 4, whole=False) == Granted(4)
    clock.now += 60
    limited = limiter.grant("a", quotas, 9, whole=False)
    assert (limited.count, limited.retry_after_s) == (5, 86_340)
    assert limiter.grant("a", {"entities": 1}, 99, whole=True) == Granted(99)


def test_what_was_granted_and_not_used_can_be_given_back_until_its_window_ends() -> None:
    clock = Clock()
    limiter = Limiter(clock)

    def has_room() -> bool:
        return bool(limiter.grant("a", {"notifications_per_day": 1}, 1, whole=True, policies=NOTIFICATIONS).count)

    assert (has_room(), has_room()) == (True, False)
    limiter.give_back("a", NOTIFICATIONS, 1)
    limiter.give_back("b", NOTIFICATIONS, 1)
    assert (has_room(), has_room()) == (True, False)
    clock.now += 86_400
    limiter.give_back("a", NOTIFICATIONS, 1)
    assert (has_room(), has_room()) == (True, False)
