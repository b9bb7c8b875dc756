"""The seal on what a subscription holds of secrets: where it notifies to, and the subscriber's own words."""

from dataclasses import replace

import orjson

from services.broker.domain.subscription import Endpoint, Subscription
from services.broker.store.documents import from_document, to_document
from services.kernel.errors import Unavailable
from services.kernel.seal import Seal, SealBroken


def close_subscription(subscription: Subscription, seal: Seal) -> Subscription:
    """Return a subscription as it is stored: headers, passwords and addresses are readable with the seal alone."""
    parts = [to_document(subscription.endpoint), to_document(subscription.original)]
    return replace(subscription, endpoint=Endpoint(""), original={}, sealed=seal.close(orjson.dumps(parts).decode()))


def open_subscription(subscription: Subscription, seal: Seal) -> Subscription:
    """Return a stored subscription as its subscriber gave it. Raises Unavailable where the seal is another."""
    if not subscription.sealed:
        return subscription
    try:
        endpoint, original = orjson.loads(seal.open(subscription.sealed))
    except SealBroken:
        raise Unavailable(
            "The subscription is sealed with another secret than HIROBA_BROKER_KEY or broker-key"
        ) from None
    return replace(subscription, endpoint=from_document(endpoint), original=from_document(original), sealed="")
