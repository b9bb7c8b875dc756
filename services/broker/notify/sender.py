"""Renders a notice in the subscriber's dialect and sends it over the endpoint's channel."""

import logging
import time
from collections.abc import Mapping

from services.broker.domain.notice import Notice
from services.broker.domain.subscription import Subscription, SubscriptionFace
from services.broker.notify.message import Channel, Delivery, HttpMessage, Message, Renderer
from services.broker.operations.v2_figures import Transactions, V2Figures, key_for
from services.kernel.errors import HubError, Unavailable

_SEALED = "The subscription is sealed with another secret than HIROBA_BROKER_KEY or broker-key"
_log = logging.getLogger("hiroba.broker.notify")


class Sender:
    """One renderer per face, one channel per kind of message; NGSIv2 counts what it sends."""

    def __init__(
        self, renderers: Mapping[SubscriptionFace, Renderer], http: Channel, mqtt: Channel, figures: V2Figures
    ) -> None:
        self._renderers = renderers
        self._http = http
        self._mqtt = mqtt
        self._figures = figures

    async def send(self, notice: Notice, subscription: Subscription, tenant_name: str) -> Delivery:
        """Send one notice; every failure is a Delivery, and never stops the lane without a word."""
        if subscription.sealed:
            return Delivery(is_success=False, reason=_SEALED)
        try:
            message = await self._renderers[subscription.face].render(notice, subscription, tenant_name)
            return await self._send(message, notice, subscription, tenant_name)
        except Unavailable as error:
            return Delivery(is_success=False, reason=error.detail)
        except HubError as error:
            return Delivery(is_success=False, reason=error.detail, hopeless=True)
        except Exception:
            _log.exception("A notification cannot be made", extra={"subscription": subscription.id})
            return Delivery(is_success=False, reason="The notification cannot be made", hopeless=True)

    async def _send(self, message: Message, notice: Notice, subscription: Subscription, tenant_name: str) -> Delivery:
        channel = self._http if isinstance(message, HttpMessage) else self._mqtt
        if subscription.face is not SubscriptionFace.NGSIV2:
            return await channel.send(message)
        begun = time.perf_counter()
        delivery = await channel.send(message)
        done = Transactions(
            count=1,
            request_bytes=len(message.body or b""),
            response_bytes=delivery.response_bytes,
            errors=int(not delivery.is_success),
            seconds=time.perf_counter() - begun,
        )
        self._figures.notified(key_for(tenant_name, notice.entities[0].path), done)
        return delivery
