"""What came of turns is stored, whatever else cannot be."""

import asyncio
from datetime import timedelta

from services.broker.domain.notice import Notice
from services.broker.notify.settler import Settler
from services.broker.store import outbox
from services.broker.store.outbox import Settlement
from services.kernel.app import background
from tests.integration.broker.notify.conftest import Bench, gauge, subscription_to


async def test_a_settlement_that_cannot_be_stored_holds_up_no_other(idle: Bench) -> None:
    notice = Notice("entityUpdated", (gauge(1, level=1),), (), idle.broker.clock())
    ids = ["urn:ngsi-ld:Subscription:a", "urn:ngsi-ld:Subscription:b"]
    for each in ids:
        await idle.subscribe(subscription_to("http://127.0.0.1:9/", name=each[-1]))
    async with idle.broker.pool.acquire() as connection:
        await outbox.append(connection, idle.tenant.tenant_id, [(each, notice) for each in ids])
        keys = [(idle.tenant.tenant_id, each) for each in ids]
        lanes = await outbox.lease(connection, "me", 10, keys)
        waiting = await outbox.waiting(connection, lanes, 10)
    bad, good = (Settlement(lane, removed=[waiting[lane.key][0].seq]) for lane in lanes)
    bad.attempts = 2**40  # no integer of PostgreSQL
    good.retry_at = idle.broker.clock() + timedelta(minutes=1)
    settler = Settler(idle.broker.pool, "me")
    async with background(settler.run()), asyncio.timeout(60):
        await asyncio.gather(settler.put(bad), settler.put(good))
    assert (await idle.health(good.lane.subscription_id))["pending"] == 0
    found = await idle.health(bad.lane.subscription_id)
    assert found["pending"] == 1, "it is sent again when its lease is over"
