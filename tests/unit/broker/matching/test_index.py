"""The index finds what a look at every subscription finds."""

import time
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.broker.domain.change import Change
from services.broker.domain.selection import TypeIs
from services.broker.domain.subscription import Conditions, Endpoint, Subject, Subscription, SubscriptionFace
from services.broker.matching.effect import Effect
from services.broker.matching.index import SubscriptionIndex
from services.broker.matching.matcher import find_matches, match_all
from services.broker.query.tree import All, AttributeTarget, Compare, Operator
from tests.unit.broker.matching.samples import NOW, changes, entity, subscriptions, values


@given(st.lists(subscriptions, max_size=12), changes())
def test_the_index_and_a_look_at_all_agree(known: list[Subscription], change: Change) -> None:
    found = find_matches(SubscriptionIndex(known), change, NOW)
    assert found == match_all(known, Effect(change), NOW)


@given(st.lists(subscriptions, max_size=12), st.data(), changes())
def test_an_index_that_grew_and_shrank_is_as_one_made_anew(
    known: list[Subscription], data: st.DataObject, change: Change
) -> None:
    index = SubscriptionIndex()
    for number, each in enumerate(known):
        index.put(number, each)
    gone = data.draw(st.sets(st.sampled_from(range(len(known))))) if known else set()
    changed = data.draw(st.dictionaries(st.sampled_from(range(len(known))), subscriptions)) if known else {}
    for number in gone:
        index.remove(known[number].id)
    for number, other in changed.items():
        index.put(number, replace(other, id=known[number].id))
    left = [
        replace(changed[number], id=each.id) if number in changed else each
        for number, each in enumerate(known)
        if number in changed or number not in gone
    ]
    effect = Effect(change)
    assert index.candidates(change, effect) == SubscriptionIndex(left).candidates(change, effect)
    for each in left:
        index.remove(each.id)
    assert len(index) == 0
    assert index.candidates(change, effect) == []


def test_of_many_filters_for_an_equal_text_only_those_for_the_entitys_own_are_looked_at() -> None:
    known = [
        Subscription(
            f"s{number}",
            SubscriptionFace.NGSI_LD,
            Endpoint("http://receiver.test/"),
            Conditions(
                subjects=(Subject(types=TypeIs("Gauge")),),
                filter=All((Compare(AttributeTarget("name"), Operator.EQUAL, f"川{number}"),)),
            ),
        )
        for number in range(100)
    ]
    change = Change(None, entity({"name": [{"kind": "Property", "value": ["川7", "川9"]}]}), frozenset({"name"}))
    found = SubscriptionIndex(known).candidates(change, Effect(change))
    assert [each.id for each in found] == ["s7", "s9"]


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
    before, after = (entity(values(level=level), id="urn:gauge:77", uri="urn:gauge:77") for level in (1, 2))
    change = Change(before, after, frozenset({"level"}))
    taken = []
    for index in (SubscriptionIndex(known[77:78]), SubscriptionIndex(known)):
        started = time.process_time()
        for _ in range(1000):
            found = find_matches(index, change, NOW)
        taken.append(time.process_time() - started)
        assert [match.subscription.id for match in found] == ["s77"]
    assert taken[1] < 10 * taken[0]
