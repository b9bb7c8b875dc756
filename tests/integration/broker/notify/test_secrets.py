"""What subscribers give as secrets lies sealed in the database, and is sent all the same."""

import dataclasses

import pytest

from services.broker.domain.subscription import Endpoint, SubscriptionFace
from services.broker.operations import subscriptions
from services.broker.operations.subscriptions import SubscriptionRef
from services.kernel.app import background
from services.kernel.errors import Unavailable
from services.kernel.seal import Seal
from tests.integration.broker.notify.conftest import Bench, subscription_to
from tests.support.receiver import Receiver

SECRET = "a key of the subscriber"
ID = "urn:ngsi-ld:Subscription:1"


async def _subscribe(bench: Bench, url: str) -> None:
    words = {"notification": {"endpoint": {"receiverInfo": [{"key": "X-Key", "value": SECRET}]}}}
    await bench.subscribe(subscription_to(url, endpoint=Endpoint(url, headers=(("X-Key", SECRET),)), original=words))


async def test_no_secret_lies_readable_in_the_database_and_the_receiver_gets_it(
    bench: Bench, receiver: Receiver
) -> None:
    await _subscribe(bench, receiver.url)
    await bench.create(1, level=1)
    (received,) = await receiver.wait_for(1)
    assert received.headers["X-Key"] == SECRET
    rows = await bench.broker.pool.fetch("select document::text as stored from subscription")
    assert len(rows) == 1
    assert SECRET not in rows[0]["stored"]
    assert receiver.url not in rows[0]["stored"]


async def test_another_seal_opens_nothing_and_says_so(idle: Bench, receiver: Receiver) -> None:
    await _subscribe(idle, receiver.url)
    other = dataclasses.replace(idle, broker=dataclasses.replace(idle.broker, seal=Seal("another secret")))
    with pytest.raises(Unavailable, match="HIROBA_BROKER_KEY"):
        await subscriptions.retrieve(other.broker, other.tenant, SubscriptionRef(SubscriptionFace.NGSI_LD, ID))
    await idle.create(1, level=1)
    async with background(other.dispatcher().run()):
        while not (found := await idle.health(ID))["times_failed"]:
            pass
    assert found["pending"] == 1
    assert "HIROBA_BROKER_KEY" in found["last_failure_reason"]
    assert receiver.received == []
