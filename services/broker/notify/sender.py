"""Renders a notice in the subscriber's dialect and sends it over the endpoint's channel."""

import logging
from collections.abc import Mapping

from services.broker.domain.notice import Notice
from services.broker.domain.subscription import Subscription, SubscriptionFace
from services.broker.notify.message import Channel, Delivery, HttpMessage, Renderer
from services.kernel.errors import HubError, Unavailable

_SEALED = "The subscription is sealed with another secret than HIROBA_BROKER_KEY or broker-key"
_log = logging.getLogger("hiroba.broker.notify")


class Sender:
    """One renderer per face, one channel per kind of message."""

    def __init__(self, renderers: Mapping[SubscriptionFace, Renderer], http: Channel, mqtt: Channel) -> None:
        self._renderers = renderers
        self._http = http
        self._mqtt = mqtt

    async def send(self, notice: Notice, subscription: Subscription, tenant_name: str) -> Delivery:
        """Send one notice; every failure is a Delivery, and never stops the lane without a word."""
        if subscription.sealed:
            return Delivery(is_success=False, reason=_SEALED)
        try:
            message = await self._renderers[subscription.face].render(notice, subscription, tenant_name)
            channel = self._http if isinstance(message, HttpMessage) else self._mqtt
            return await channel.send(message)
        except Unavailable as error:
            return Delivery(is_success=False, reason=error.detail)
        except HubError as error:
            return Delivery(is_success=False, reason=error.detail, hopeless=True)
        except Exception:
            _log.exception("A notification cannot be made", extra={"subscription": subscription.id})
            return Delivery(is_success=False, reason="The notification cannot be made", hopeless=True)
