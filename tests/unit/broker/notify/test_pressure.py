"""Writers wait for notifications that are late because of the context broker, and for no receiver."""

from services.broker.operations.pressure import Pressure

LANE = (1, "urn:ngsi-ld:Subscription:1")


def measured(*lags_s: float, tolerated_s: float = 1.0) -> Pressure:
    pressure = Pressure(tolerated_s)
    for number, lag_s in enumerate(lags_s):
        pressure.begin(LANE, lag_s)
        pressure.measure(float(number))
    return pressure


def test_prompt_notifications_slow_nobody() -> None:
    assert measured(0.01, 0.5, 0.9).wait_s(1) == 0


def test_a_write_waits_in_proportion_to_the_lag_and_at_most_a_second() -> None:
    assert measured(0.1, 1.5).wait_s(1) == 0.5
    assert measured(0.1, 60).wait_s(1) == 1
    assert measured(0.1, 15, tolerated_s=10).wait_s(1) == 0.5


def test_other_tenants_do_not_wait() -> None:
    assert measured(0.1, 60).wait_s(2) == 0


def test_a_lane_that_makes_up_for_an_absence_slows_nobody() -> None:
    assert measured(600, 599).wait_s(1) == 0


def test_a_receiver_that_fails_or_is_slow_slows_nobody() -> None:
    for quickest_s, has_failed in ((5.0, False), (0.01, True)):
        pressure = Pressure(1.0)
        pressure.begin(LANE, 0.1)
        pressure.end(LANE, quickest_s, has_failed=has_failed)
        pressure.measure(1.0)
        pressure.begin(LANE, 60)
        pressure.measure(2.0)
        assert pressure.wait_s(1) == 0


def test_the_pressure_ends_some_time_after_the_last_turn_or_with_a_prompt_one() -> None:
    pressure = measured(0.1, 60)
    pressure.measure(2.4)
    assert pressure.wait_s(1) == 1
    pressure.measure(2.7)
    assert pressure.wait_s(1) == 0
    assert measured(0.1, 60, 0.1).wait_s(1) == 0
