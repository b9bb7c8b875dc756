"""An index follows the log of changes of subscriptions, and is made anew where the log has a gap."""

from dataclasses import replace

from services.broker.matching.index import SubscriptionIndex
from services.broker.operations import subscriptions
from services.broker.operations.subscription_indexes import SubscriptionIndexes
from services.broker.operations.subscriptions import SubscriptionRef
from services.broker.store import subscriptions as store
from tests.integration.broker.notify.conftest import Bench, subscription_to


async def _index(bench: Bench, indexes: SubscriptionIndexes) -> SubscriptionIndex:
    async with bench.broker.pool.acquire() as connection:
        version = await store.version(connection, bench.tenant.tenant_id)
        return await indexes.at(connection, bench.tenant.tenant_id, version)


async def _names(bench: Bench, indexes: SubscriptionIndexes) -> list[str]:
    return [each.id.rpartition(":")[2] for each in (await _index(bench, indexes)).all()]


async def _switch(bench: Bench, name: str, *, is_active: bool) -> None:
    record = await bench.record(f"urn:ngsi-ld:Subscription:{name}")
    ref = SubscriptionRef(record.subscription.face, record.subscription.id)
    await subscriptions.update(
        bench.broker, bench.tenant, ref, lambda old: replace(old.subscription, is_active=is_active)
    )


async def test_changes_are_taken_in_one_by_one_into_the_same_index(idle: Bench) -> None:
    indexes = SubscriptionIndexes()
    for name in ("a", "b", "c"):
        await idle.subscribe(subscription_to("http://127.0.0.1:9/", name=name))
    first = await _index(idle, indexes)
    await _switch(idle, "a", is_active=False)
    await idle.subscribe(subscription_to("http://127.0.0.1:9/", name="d"))
    record = await idle.record("urn:ngsi-ld:Subscription:c")
    await subscriptions.delete(
        idle.broker, idle.tenant, SubscriptionRef(record.subscription.face, record.subscription.id)
    )
    assert await _index(idle, indexes) is first
    assert await _names(idle, indexes) == ["b", "d"]
    await _switch(idle, "a", is_active=True)
    assert await _names(idle, indexes) == ["a", "b", "d"]
    assert await _names(idle, SubscriptionIndexes()) == ["a", "b", "d"]


async def test_after_a_gap_in_the_log_all_is_read_again(idle: Bench) -> None:
    indexes = SubscriptionIndexes()
    await idle.subscribe(subscription_to("http://127.0.0.1:9/", name="a"))
    first = await _index(idle, indexes)
    await idle.subscribe(subscription_to("http://127.0.0.1:9/", name="b"))
    await idle.broker.pool.execute("delete from subscription_change where tenant_id = $1", idle.tenant.tenant_id)
    assert await _names(idle, indexes) == ["a", "b"]
    assert await _index(idle, indexes) is not first


async def test_a_tenant_that_was_deleted_and_made_anew_has_none_of_the_old_ones(idle: Bench) -> None:
    indexes = SubscriptionIndexes()
    for name in ("a", "b", "c"):
        await idle.subscribe(subscription_to("http://127.0.0.1:9/", name=name))
    assert len(await _index(idle, indexes)) == 3
    for table in ("subscription", "lane", "subscription_change", "tenant_version"):
        await idle.broker.pool.execute(f"delete from {table} where tenant_id = $1", idle.tenant.tenant_id)
    await idle.subscribe(subscription_to("http://127.0.0.1:9/", name="d"))
    assert await _names(idle, indexes) == ["d"]


async def test_a_transaction_that_read_earlier_uses_the_newer_index(idle: Bench) -> None:
    indexes = SubscriptionIndexes()
    await idle.subscribe(subscription_to("http://127.0.0.1:9/", name="a"))
    await idle.subscribe(subscription_to("http://127.0.0.1:9/", name="b"))
    newest = await _index(idle, indexes)
    async with idle.broker.pool.acquire() as connection:
        assert await indexes.at(connection, idle.tenant.tenant_id, newest.version - 1) is newest
