"""Which types writers have changed."""

from datetime import timedelta

from services.broker.domain.change import Change
from services.broker.operations.type_watch import TypeWatch
from services.kernel.clock import system_clock
from tests.support.broker import gauge

NOW = system_clock()


def test_each_type_is_told_once_with_the_latest_instant_and_then_forgotten() -> None:
    watch, later = TypeWatch(), NOW + timedelta(seconds=1)
    both = gauge(2).with_(types=("Gauge", "Thing"))
    watch.tell(1, [Change(None, gauge(1)), Change(None, both)], (), NOW)
    watch.tell(1, [Change(gauge(1), gauge(1))], (), later)
    assert sorted(watch.take()) == [(1, "Gauge", later), (1, "Thing", NOW)]
    assert watch.take() == []


def test_former_types_and_those_of_expired_and_deleted_entities_are_told() -> None:
    watch = TypeWatch()
    changes = [Change(gauge(1), gauge(1).with_(types=("Thing",))), Change(gauge(2).with_(types=("Gone",)), None)]
    watch.tell(1, changes, [gauge(3).with_(types=("Expired",))], NOW)
    assert {name for _, name, _ in watch.take()} == {"Gauge", "Thing", "Gone", "Expired"}


def test_what_could_not_be_stored_is_told_again_unless_something_newer_is_known() -> None:
    watch, later = TypeWatch(), NOW + timedelta(seconds=1)
    watch.tell(1, [Change(None, gauge(1))], (), later)
    watch.give_back([(1, "Gauge", NOW), (2, "Gauge", NOW)])
    assert sorted(watch.take()) == [(1, "Gauge", later), (2, "Gauge", NOW)]
