"""The index finds what a look at every subscription finds."""

import time

from hypothesis import given
from hypothesis import strategies as st

from services.broker.domain.change import Change
from services.broker.domain.selection import TypeIs
from services.broker.domain.subscription import Conditions, Endpoint, Subject, Subscription, SubscriptionFace
from services.broker.matching.effect import Effect
from services.broker.matching.index import SubscriptionIndex
from services.broker.matching.matcher import find_matches, match_all
from tests.unit.broker.matching.samples import NOW, changes, entity, subscriptions, values


@given(st.lists(subscriptions, max_size=12), changes())
def test_the_index_and_a_look_at_all_agree(known: list[Subscription], change: Change) -> None:
    found = find_matches(SubscriptionIndex(known), change, NOW)
    assert found == match_all(known, Effect(change), NOW)


def test_ten_thousand_subscriptions_cost_a_change_no_more_than_those_it_concerns() -> None:
    known = [
        Subscription(
            f"s{number}",
            SubscriptionFace.NGSI_LD,
            Endpoint("http://receiver.test/"),
            Conditions(subjects=(Subject(ids=(f"urn:gauge:{number}",), types=TypeIs("Gauge")),), watched=("level",)),
        )
        for number in range(10_000)
    ]
    index = SubscriptionIndex(known)
    before, after = (entity(values(level=level), id="urn:gauge:77", uri="urn:gauge:77") for level in (1, 2))
    change = Change(before, after, frozenset({"level"}))
    started = time.perf_counter()
    for _ in range(1000):
        found = find_matches(index, change, NOW)
    assert [match.subscription.id for match in found] == ["s77"]
    assert time.perf_counter() - started < 1
