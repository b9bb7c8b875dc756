"""Subscriptions in the database: what is stored comes back, and every process sees every change of them."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.broker.domain.names import DEFAULT_VOCABULARY as VOCABULARY
from services.broker.domain.selection import ScopeIs, TypeAll, TypeIs
from services.broker.domain.subscription import (
    Conditions,
    Content,
    CustomRequest,
    Endpoint,
    MqttDelivery,
    Subject,
    Subscription,
    SubscriptionFace,
    Trigger,
)
from services.broker.operations import subscriptions
from services.broker.operations.subscriptions import SubscriptionRef
from services.broker.query import tree
from services.kernel.app import background
from services.kernel.errors import AlreadyExists, BadData, NotFound
from services.kernel.paging import Page
from tests.integration.broker.notify.conftest import Bench, running_bench, subscription_to
from tests.support.receiver import Receiver

LD, V2 = SubscriptionFace.NGSI_LD, SubscriptionFace.NGSIV2
ID = "urn:ngsi-ld:Subscription:1"
LEVEL = tree.AttributeTarget(VOCABULARY + "level")
FULL = Subscription(
    id="5f0000000000000000000001",
    face=V2,
    endpoint=Endpoint(
        "http://receiver.test/",
        headers=(("X-Key", "secret"),),
        max_fails=3,
        custom=CustomRequest(json={"a": ["${b}", None]}, query=(("a", "b"),)),
        mqtt=MqttDelivery("t", 1, user="u", password="p"),
    ),
    conditions=Conditions(
        subjects=(Subject(("a", "b"), types=TypeAll((TypeIs("A"), TypeIs("B")))), Subject(id_pattern="^x")),
        watched=("level",),
        triggers=frozenset({Trigger.ENTITY_CREATED, Trigger.ATTRIBUTE_CHANGED}),
        paths=("/river/#",),
        filter=tree.All((tree.Compare(LEVEL, tree.Operator.GREATER, 3), tree.Not(tree.Exists(LEVEL)))),
        geo=(tree.GeoFilter(tree.GeoRelation.NEAR, '{"type":"Point","coordinates":[1,2]}', maximum_m=5.0),),
        scope=ScopeIs(("a", "+"), below=True),
        metadata_counts=False,
    ),
    content=Content(attributes=("level",), metadata=("previousValue",), format="keyValues", covered=True),
    oneshot=True,
    throttling_s=5.0,
    expires_at=datetime(2040, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
    context=["http://context.test/", {"a": "http://a.test/"}],
    original={"subject": {"entities": [{"id": "a"}]}, "$": "a member of the user's"},
)


async def test_everything_stored_comes_back(idle: Bench) -> None:
    await idle.subscribe(FULL)
    record = await subscriptions.retrieve(idle.broker, idle.tenant, SubscriptionRef(V2, FULL.id))
    assert record.subscription == FULL
    assert record.status.times_sent == 0


async def test_a_second_subscription_of_the_same_id_is_refused(idle: Bench) -> None:
    await idle.subscribe(FULL)
    with pytest.raises(AlreadyExists):
        await idle.subscribe(FULL)


async def test_a_face_and_a_tenant_see_only_their_own(idle: Bench) -> None:
    await idle.subscribe(FULL)
    other = await idle.broker.tenants.find_or_create("takamatsu")
    for tenant, face in ((idle.tenant, LD), (other, V2)):
        with pytest.raises(NotFound):
            await subscriptions.retrieve(idle.broker, tenant, SubscriptionRef(face, FULL.id))
        with pytest.raises(NotFound):
            await subscriptions.delete(idle.broker, tenant, SubscriptionRef(face, FULL.id))
        assert (await subscriptions.find(idle.broker, tenant, face, Page(count=True))).count == 0


async def test_lists_are_paged_counted_and_by_service_path(idle: Bench) -> None:
    for number in range(5):
        paths = ("/river/#",) if number % 2 else ("/",)
        given = replace(FULL, id=str(number), conditions=replace(FULL.conditions, paths=paths))
        await idle.subscribe(given)
    page = await subscriptions.find(idle.broker, idle.tenant, V2, Page(2, 1, count=True))
    assert ([each.subscription.id for each in page.records], page.count) == (["1", "2"], 5)
    river = await subscriptions.find(idle.broker, idle.tenant, V2, Page(count=True), ("/river/#",))
    assert ([each.subscription.id for each in river.records], river.count) == (["1", "3"], 2)


async def test_an_update_that_is_refused_changes_nothing(idle: Bench) -> None:
    await idle.subscribe(FULL)

    def refuse(record: subscriptions.SubscriptionRecord) -> Subscription:
        raise BadData("no")

    ref = SubscriptionRef(V2, FULL.id)
    with pytest.raises(BadData):
        await subscriptions.update(idle.broker, idle.tenant, ref, refuse)
    assert (await subscriptions.retrieve(idle.broker, idle.tenant, ref)).revision == 1


def _active(record: subscriptions.SubscriptionRecord, *, is_active: bool) -> Subscription:
    return replace(record.subscription, is_active=is_active)


async def test_another_process_matches_a_subscription_from_its_next_write_on(
    bench: Bench, receiver: Receiver, database_url: str
) -> None:
    async with running_bench(database_url) as other:
        await other.create(1, level=0)
        await bench.subscribe(subscription_to(receiver.url))
        await other.write(1, level=1)
        await receiver.wait_for(1)
        ref = SubscriptionRef(LD, ID)
        await subscriptions.update(
            bench.broker, bench.tenant, ref, lambda old: replace(old.subscription, is_active=False)
        )
        await other.write(1, level=2)
        await subscriptions.update(
            bench.broker, bench.tenant, ref, lambda old: replace(old.subscription, is_active=True)
        )
        await other.write(1, level=3)
        await receiver.wait_for(2)
        await subscriptions.delete(bench.broker, bench.tenant, ref)
        await other.write(1, level=4)
        await asyncio.sleep(0.3)
    assert [body["data"][0]["level"] for body in receiver.bodies] == [1, 3]


@pytest.mark.clause("5.8.6")
async def test_a_time_interval_tells_the_present_state_once_for_all_processes(idle: Bench, receiver: Receiver) -> None:
    await idle.create(1, level=1)
    await idle.create(2, level=9)
    high = Conditions(filter=tree.Compare(LEVEL, tree.Operator.GREATER, 5))
    await idle.subscribe(subscription_to(receiver.url, time_interval_s=1.0, conditions=high))
    started = time.monotonic()
    async with background(idle.dispatcher().run(), idle.dispatcher().run()):
        await idle.write(2, level=8)
        await receiver.wait_for(4)
    assert time.monotonic() - started > 2.9, "each process has told of it"
    assert [each["level"] for each in receiver.bodies[0]["data"]] == [8]


async def test_a_filter_is_held_against_the_entity_after_the_change(bench: Bench, receiver: Receiver) -> None:
    high = Conditions(filter=tree.Compare(LEVEL, tree.Operator.GREATER, 5))
    await bench.subscribe(subscription_to(receiver.url, conditions=high))
    await bench.create(1, level=1)
    await bench.write(1, level=6)
    await bench.write(1, level=5)
    await bench.write(1, level=7)
    await receiver.wait_for(2)
    assert [body["data"][0]["level"] for body in receiver.bodies] == [6, 7]
