"""Days are Japan's; the hub's own calls are counted apart."""

from datetime import UTC, date, datetime

import pytest

from services.kernel.metering import FLOWS, KINDS, STOCKS, Meter, day_of
from services.kernel.metering.kinds import seconds_of_day_left


@pytest.mark.parametrize(
    ("instant", "day", "left"),
    [
        (datetime(2026, 3, 31, 14, 59, 59, tzinfo=UTC), date(2026, 3, 31), 1),
        (datetime(2026, 3, 31, 15, tzinfo=UTC), date(2026, 4, 1), 86_400),
        (datetime(2026, 4, 1, 3, tzinfo=UTC), date(2026, 4, 1), 43_200),
    ],
)
def test_a_day_begins_at_midnight_in_japan(instant: datetime, day: date, left: float) -> None:
    assert (day_of(instant), seconds_of_day_left(instant)) == (day, left)


def test_every_kind_is_a_flow_or_a_stock() -> None:
    assert set(KINDS) == set(FLOWS) | set(STOCKS)
    assert not set(FLOWS) & set(STOCKS)


def test_calls_of_the_hubs_own_services_are_internal() -> None:
    meter = Meter()
    for client in ("service-ingest", "app", "app"):
        meter.count_call("takamatsu", client, "batch")
    assert meter.take() == {("takamatsu", "service-ingest", "internal"): 1, ("takamatsu", "app", "batch"): 2}
    assert meter.take() == {}
