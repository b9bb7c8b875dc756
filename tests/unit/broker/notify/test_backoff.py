"""When a failed delivery is tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from services.broker.notify.backoff import Retries
from services.broker.notify.message import Delivery

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def failure(code: int | None = None) -> Delivery:
    return Delivery(is_success=False, code=code)


def test_each_wait_is_about_twice_the_last_up_to_the_longest() -> None:
    retries = Retries(first_s=1, longest_s=8)
    waits = [(retries.next_try(NOW, attempts, None) - NOW).total_seconds() for attempts in range(1, 8)]
    for wait, longest in zip(waits, (1, 2, 4, 8, 8, 8, 8), strict=True):
        assert 0.75 * longest <= wait <= longest


def test_a_cool_down_makes_the_wait_longer() -> None:
    assert Retries(first_s=1).next_try(NOW, 1, 30_000) == NOW + timedelta(seconds=30)


def test_thousands_of_failures_do_not_overflow() -> None:
    assert Retries(longest_s=60).next_try(NOW, 100_000, None) <= NOW + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("code", "is_over"), [(400, True), (404, True), (429, False), (408, False), (503, False), (None, False)]
)
def test_only_what_is_refused_is_given_up_after_some_tries(code: int | None, is_over: bool) -> None:
    assert Retries(refusals=3).is_over(failure(code), 3) is is_over


def test_a_refusal_is_tried_again_at_first() -> None:
    assert not Retries(refusals=3).is_over(failure(400), 2)
