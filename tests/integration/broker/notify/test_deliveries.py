"""The owner sees what became of notifications and can have them sent again."""

from dataclasses import replace

import pytest

from services.broker.domain.subscription import SubscriptionFace
from services.broker.operations import deliveries
from services.broker.operations.housekeeping import forget_dead_letters
from services.broker.operations.subscriptions import SubscriptionRef, delete
from services.kernel.app import background
from services.kernel.errors import NotFound
from services.kernel.paging import Page
from services.kernel.tenancy import TenantDirectory
from tests.integration.broker.notify.conftest import Bench, subscription_to, uri_of
from tests.support.receiver import Receiver

ID = "urn:ngsi-ld:Subscription:1"


@pytest.fixture
async def parked(idle: Bench, receiver: Receiver) -> Bench:
    """Return a broker with two dead letters."""
    settings = idle.broker.settings.model_copy(update={"notify_refusals": 1})
    bench = replace(idle, broker=replace(idle.broker, settings=settings))
    await bench.subscribe(subscription_to(receiver.url))
    receiver.status = 404
    async with background(bench.dispatcher().run()):
        await bench.create(1, level=1)
        await bench.write(1, level=2)
        await receiver.wait_for(2)
        await bench.wait_until_settled(ID)
    receiver.status = 200
    receiver.received.clear()
    return bench


async def test_dead_letters_tell_what_was_given_up_and_why(parked: Bench) -> None:
    letters = await deliveries.dead_letters(parked.broker, parked.tenant, ID, Page())
    assert [each.reason for each in letters] == ["The receiver answers 404"] * 2
    assert [each.notice.entities[0].uri for each in letters] == [uri_of(1)] * 2


async def test_the_owner_sees_how_a_subscription_fares(parked: Bench, receiver: Receiver) -> None:
    await parked.write(1, level=3)
    health = await deliveries.health(parked.broker, parked.tenant, ID)
    assert (health.api, health.is_active) == ("ngsi-ld", True)
    assert (health.pending, health.parked, health.delivered, health.times_failed) == (1, 2, 0, 2)
    assert health.lag_s > 0
    assert health.last_failure_reason == "The receiver answers 404"
    assert health.parked_since is not None
    async with background(parked.dispatcher().run()):
        await receiver.wait_for(1)
        await parked.wait_until_settled(ID)
    health = await deliveries.health(parked.broker, parked.tenant, ID)
    assert (health.pending, health.delivered, health.lag_s, health.last_success_code) == (0, 1, 0, 200)


async def test_dead_letters_are_forgotten_after_their_time(parked: Bench) -> None:
    await parked.broker.pool.execute("update dead_letter set parked_at = parked_at - interval '31 days'")
    letters = await deliveries.dead_letters(parked.broker, parked.tenant, ID, Page())
    statement = "update dead_letter set parked_at = now() where seq = $1"
    await parked.broker.pool.execute(statement, letters[1].notice.seq)
    await forget_dead_letters(parked.broker)
    left = await deliveries.dead_letters(parked.broker, parked.tenant, ID, Page())
    assert [each.notice.seq for each in left] == [letters[1].notice.seq]


async def test_dead_letters_are_sent_again_in_order(parked: Bench, receiver: Receiver) -> None:
    assert await deliveries.resend(parked.broker, parked.tenant, ID, None) == 2
    async with background(parked.dispatcher().run()):
        await receiver.wait_for(2)
        await parked.wait_until_settled(ID)
    assert [body["data"][0]["level"] for body in receiver.bodies] == [1, 2]
    assert (await deliveries.health(parked.broker, parked.tenant, ID)).parked == 0


async def test_one_dead_letter_can_be_sent_alone(parked: Bench) -> None:
    letters = await deliveries.dead_letters(parked.broker, parked.tenant, ID, Page())
    assert await deliveries.resend(parked.broker, parked.tenant, ID, [letters[1].notice.seq]) == 1
    health = await deliveries.health(parked.broker, parked.tenant, ID)
    assert (health.pending, health.parked) == (1, 1)
    assert health.lag_s > 0


async def test_what_is_beyond_a_tenants_quota_is_parked_and_sent_again_when_there_is_room(
    idle: Bench, receiver: Receiver
) -> None:
    await idle.subscribe(subscription_to(receiver.url))
    bench = await _with_quota(idle, 2)
    receiver.status = 503
    async with background(bench.dispatcher().run()):
        await bench.create(1, level=1)
        await receiver.wait_for(1)
        receiver.status = 200
        for level in (2, 3):
            await bench.write(1, level=level)
        await bench.wait_until_settled(ID)
        assert [body["data"][0]["level"] for body in receiver.bodies[-2:]] == [1, 2]
        (letter,) = await deliveries.dead_letters(bench.broker, bench.tenant, ID, Page())
        assert letter.reason.startswith("Tenant fukui has used its quota notifications_per_day (2)")
        health = await deliveries.health(bench.broker, bench.tenant, ID)
        assert (health.is_active, health.delivered, health.fails_in_row) == (True, 2, 0)
        await deliveries.resend(bench.broker, bench.tenant, ID, None)
        await bench.wait_until_settled(ID)
        assert (await deliveries.health(bench.broker, bench.tenant, ID)).parked == 1
    bench = await _with_quota(bench, 3)
    assert await deliveries.resend(bench.broker, bench.tenant, ID, None) == 1
    async with background(bench.dispatcher().run()):
        await bench.wait_until_settled(ID)
    assert receiver.bodies[-1]["data"][0]["level"] == 3
    assert (await deliveries.health(bench.broker, bench.tenant, ID)).parked == 0


async def _with_quota(bench: Bench, most: int) -> Bench:
    """Return a broker that reads its tenant anew; what was counted stays."""
    pool = bench.broker.pool
    quotas = {"quotas": {"notifications_per_day": most}}
    await pool.execute("update tenant set details = $1 where name = 'fukui'", quotas)
    return replace(bench, broker=replace(bench.broker, tenants=TenantDirectory(pool, creates_on_write=False)))


async def test_another_tenant_sees_none_of_it(parked: Bench) -> None:
    other = await parked.broker.tenants.find_or_create("takamatsu")
    with pytest.raises(NotFound):
        await deliveries.health(parked.broker, other, ID)
    with pytest.raises(NotFound):
        await deliveries.resend(parked.broker, other, ID, None)
    assert await deliveries.all_health(parked.broker, other, Page()) == []


async def test_a_deleted_subscription_leaves_nothing_behind(parked: Bench) -> None:
    await parked.write(1, level=3)
    await delete(parked.broker, parked.tenant, SubscriptionRef(SubscriptionFace.NGSI_LD, ID))
    for table in ("outbox", "dead_letter", "lane", "subscription"):
        assert await parked.broker.pool.fetchval(f"select count(*) from {table}") == 0


async def test_figures_count_what_was_delivered_failed_and_parked(parked: Bench, receiver: Receiver) -> None:
    receiver.status = 204
    async with background(parked.dispatcher().run()):
        await parked.write(1, level=3)
        await parked.wait_until_settled(ID)
    figures = {outcome: _figure(parked, outcome) for outcome in ("delivered", "failed", "parked")}
    assert figures == {"delivered": 1, "failed": 2, "parked": 2}
    assert parked.registry.get_sample_value("hiroba_notification_lag_seconds_count") == 1


def _figure(bench: Bench, outcome: str) -> float | None:
    return bench.registry.get_sample_value("hiroba_notifications_total", {"outcome": outcome})
