"""What notifications show of an entity, beyond all of it."""

import pytest

from services.broker.domain.attribute import GEO_PROPERTY, Attributes
from services.broker.domain.entity import Entity
from services.broker.domain.names import DEFAULT_VOCABULARY as VOCABULARY
from services.broker.domain.selection import LdRef
from services.broker.domain.subscription import V2_TRIGGERS, Conditions, Content, Endpoint, SubscriptionFace, Trigger
from services.broker.operations.writes import DeleteEntity, StoreEntity
from tests.integration.broker.notify.conftest import Bench, subscription_to, uri_of
from tests.support.receiver import Receiver

V2 = {"face": SubscriptionFace.NGSIV2, "conditions": Conditions(triggers=V2_TRIGGERS)}
POINT = {"type": "Point", "coordinates": [136.2, 36.06]}


async def test_covered_shows_what_the_entity_does_not_have_as_null(bench: Bench, receiver: Receiver) -> None:
    names = ("level", "river")
    content = Content(attributes=tuple(VOCABULARY + each for each in names), covered=True, original_attributes=names)
    await bench.subscribe(subscription_to(receiver.url, **V2, content=content))
    await bench.create(1, level=1)
    (received,) = await receiver.wait_for(1)
    shown = received.body["data"][0]
    assert shown["level"]["value"] == 1
    assert shown["river"] == {"type": "None", "value": None, "metadata": {}}


async def test_only_changed_attributes_are_shown_where_asked_for(bench: Bench, receiver: Receiver) -> None:
    content = Content(only_changed=True, format="keyValues")
    await bench.subscribe(subscription_to(receiver.url, **V2, content=content))
    await bench.create(1, level=1, river="Asuwa")
    await bench.write(1, level=2, river="Asuwa")
    _, second = await receiver.wait_for(2)
    assert second.body["data"] == [{"id": uri_of(1), "type": "Gauge", "level": 2}]


@pytest.mark.clause("6.3.15")
async def test_geojson_is_a_feature_with_what_was_before_and_without_geometry_once_deleted(
    bench: Bench, receiver: Receiver
) -> None:
    triggers = frozenset({Trigger.ATTRIBUTE_CREATED, Trigger.ATTRIBUTE_UPDATED, Trigger.ENTITY_DELETED})
    endpoint = Endpoint(receiver.url, accept="application/geo+json")
    content = Content(format="normalized", show_changes=True)
    given = subscription_to("", endpoint=endpoint, content=content, conditions=Conditions(triggers=triggers))
    await bench.subscribe(given)
    attrs: Attributes = {
        VOCABULARY + "level": [{"kind": "Property", "value": 1}],
        bench.broker.contexts.core.expand("location"): [{"kind": GEO_PROPERTY, "value": POINT}],
    }
    entity = Entity(id=uri_of(1), uri=uri_of(1), types=(VOCABULARY + "Gauge",), attrs=attrs)
    await bench.broker.writer.write(bench.tenant.tenant_id, StoreEntity(entity))
    await bench.write(1, level=2)
    await bench.broker.writer.write(bench.tenant.tenant_id, DeleteEntity(LdRef(uri_of(1))))
    created, written, deleted = [each.body["data"]["features"][0] for each in await receiver.wait_for(3)]
    assert receiver.received[0].headers["Content-Type"] == "application/geo+json"
    assert created["geometry"] == POINT
    assert created["id"] == uri_of(1)
    assert "id" not in created["properties"]
    assert written["properties"]["level"] == {"type": "Property", "value": 2, "previousValue": 1}
    assert deleted["geometry"] is None
    assert "deletedAt" in deleted["properties"]


@pytest.mark.clause("6.3.8")
async def test_json_ld_carries_its_context_in_the_notification_and_in_each_entity(
    bench: Bench, receiver: Receiver
) -> None:
    endpoint = Endpoint(receiver.url, accept="application/ld+json")
    await bench.subscribe(subscription_to("", endpoint=endpoint))
    await bench.create(1, level=1)
    (received,) = await receiver.wait_for(1)
    assert received.headers["Content-Type"] == "application/ld+json"
    assert "Link" not in received.headers
    assert received.body["@context"] == received.body["data"][0]["@context"]


@pytest.mark.clause("5.8.6")
async def test_who_waits_for_a_deleted_attribute_is_told_of_its_entitys_deletion(
    bench: Bench, receiver: Receiver
) -> None:
    conditions = Conditions(watched=(VOCABULARY + "level",), triggers=frozenset({Trigger.ATTRIBUTE_DELETED}))
    content = Content(format="simplified", sys_attrs=True)
    await bench.subscribe(subscription_to(receiver.url, conditions=conditions, content=content))
    await bench.create(1, level=1, river="Asuwa")
    await bench.create(2, river="Kuzuryu")
    await bench.delete(2)
    await bench.delete(1)
    (received,) = await receiver.wait_for(1)
    (shown,) = received.body["data"]
    assert shown.keys() == {"id", "type", "createdAt", "modifiedAt", "deletedAt", "level"}
    assert shown["level"] == "urn:ngsi-ld:null"
