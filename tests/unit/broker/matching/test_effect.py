"""Which changes trigger which subscriptions (NGSI-LD 5.2.12, NGSIv2 alterationTypes)."""

import pytest

from services.broker.domain.attribute import Attributes
from services.broker.domain.change import Change
from services.broker.domain.subscription import V2_TRIGGERS, SubscriptionFace, Trigger
from services.broker.matching.effect import Effect
from tests.unit.broker.matching.samples import entity, subscription, values

V2 = SubscriptionFace.NGSIV2
CREATED, UPDATED, DELETED = Trigger.ENTITY_CREATED, Trigger.ENTITY_UPDATED, Trigger.ENTITY_DELETED


def creation(attrs: Attributes) -> Effect:
    return Effect(Change(None, entity(attrs), frozenset(attrs)))


def update(before: Attributes, after: Attributes, *written: str, forced: bool = False) -> Effect:
    return Effect(Change(entity(before), entity(after), frozenset(written), forced))


def deletion(attrs: Attributes) -> Effect:
    return Effect(Change(entity(attrs), None, frozenset(attrs)))


@pytest.mark.clause("5.2.12")
def test_ngsi_ld_is_told_of_created_and_written_attributes_unless_it_says_otherwise() -> None:
    default = subscription(watched=("level",))
    assert creation(values(level=1)).due(default) == {"level"}
    assert update(values(level=1), values(level=1), "level").due(default) == {"level"}
    assert update(values(), values(level=1), "level").due(default) == {"level"}
    assert update(values(level=1), values(), "level").due(default) is None
    assert deletion(values(level=1)).due(default) is None


def test_ngsiv2_is_told_of_creation_and_of_what_is_another_unless_it_says_otherwise() -> None:
    default = subscription(*V2_TRIGGERS, face=V2, watched=("level",))
    assert creation(values(level=1)).due(default) == {"level"}
    assert creation(values(flow=1)).due(default) is None
    assert update(values(level=1), values(level=1), "level").due(default) is None
    assert update(values(level=1), values(level=2), "level").due(default) == {"level"}
    assert update(values(level=1), values(), "level").due(default) == {"level"}


def test_a_forced_update_counts_as_a_change() -> None:
    default = subscription(*V2_TRIGGERS, face=V2)
    assert update(values(level=1), values(level=1), "level", forced=True).due(default) == {"level"}


def test_entity_change_alone_does_not_mean_creation_in_ngsiv2() -> None:
    only_change = subscription(*(V2_TRIGGERS - {CREATED}), face=V2)
    assert creation(values(level=1)).due(only_change) is None


def test_an_update_counts_although_nothing_is_another() -> None:
    assert update(values(level=1), values(level=1), "level").due(subscription(UPDATED, face=V2)) == {"level"}


def test_a_deletion_is_told_whatever_is_watched() -> None:
    assert deletion(values(level=1)).due(subscription(DELETED, watched=("flow",))) == {"level"}


def test_metadata_alone_counts_unless_the_subscriber_does_not_want_it() -> None:
    before: Attributes = {"level": [{"kind": "Property", "value": 1, "unitCode": "MTR"}]}
    after: Attributes = {"level": [{"kind": "Property", "value": 1, "unitCode": "CMT"}]}
    changed = update(before, after, "level")
    assert changed.due(subscription(*V2_TRIGGERS, face=V2)) == {"level"}
    assert changed.due(subscription(*V2_TRIGGERS, face=V2, metadata_counts=False)) is None


def test_only_deleted_attributes_trigger_who_waits_for_them() -> None:
    waiting = subscription(Trigger.ATTRIBUTE_DELETED)
    assert update(values(level=1, flow=1), values(level=2), "level").due(waiting) == {"flow"}
    assert update(values(level=1), values(level=2), "level").due(waiting) is None


def test_an_entitys_deletion_deletes_its_attributes_in_ngsi_ld_alone() -> None:
    waiting = subscription(Trigger.ATTRIBUTE_DELETED, watched=("flow",))
    assert deletion(values(level=1, flow=1)).due(waiting) == {"flow"}
    assert deletion(values(level=1)).due(waiting) is None
    assert deletion(values(flow=1)).due(subscription(*V2_TRIGGERS, face=V2, watched=("flow",))) is None


def test_an_entity_without_attributes_is_created_too() -> None:
    assert creation({}).due(subscription(CREATED)) == frozenset()
    assert creation({}).due(subscription(Trigger.ATTRIBUTE_CREATED)) is None
