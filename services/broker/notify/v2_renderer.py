"""NGSIv2 notifications: body and headers (Orion API, Notification Messages; httpCustom, mqtt)."""

from typing import Final

import orjson

from services.broker.domain.notice import Notice
from services.broker.domain.notification_chain import next_link
from services.broker.domain.subscription import Subscription
from services.broker.ngsiv2.names import Names
from services.broker.notify.ld_renderer import notification_id
from services.broker.notify.message import HttpMessage, Message, MqttMessage
from services.broker.notify.v2_custom import custom_message, v2_delivery
from services.broker.notify.v2_entity import notification_body
from services.broker.operations.broker import Broker

JSON_UTF8: Final = "application/json; charset=utf-8"


class V2Renderer:
    """Renders for NGSIv2 subscribers."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def render(self, notice: Notice, subscription: Subscription, tenant_name: str) -> Message:
        """Return the message of a notice. Raises HubError where the tenant's @context cannot be had."""
        contexts = self._broker.contexts
        context = contexts.core if subscription.context is None else await contexts.resolve(subscription.context)
        names = Names(context)
        headers = _headers(notice, subscription, tenant_name)
        endpoint = subscription.endpoint
        timeout_s = (endpoint.timeout_ms or 0) / 1000 or self._broker.settings.notify_timeout_s
        if endpoint.custom is not None:
            return custom_message(notice, subscription, names, (headers, tenant_name, timeout_s))
        body = orjson.dumps(notification_body(notice, subscription, names))
        if endpoint.mqtt is not None:
            return MqttMessage(endpoint.uri, v2_delivery(endpoint.mqtt), body, timeout_s)
        return HttpMessage(endpoint.uri, headers, body, "POST", timeout_s)


def _headers(notice: Notice, subscription: Subscription, tenant_name: str) -> dict[str, str]:
    headers = {
        "User-Agent": "hiroba",
        "Accept": "application/json",
        "Content-Type": JSON_UTF8,
        "Fiware-ServicePath": notice.entities[0].path,
        "Ngsiv2-AttrsFormat": subscription.content.format,
        "Fiware-Correlator": next_link(notice.correlator, notice.entities[0] if subscription.endpoint.custom else None),
        "Hiroba-Notification": notification_id(tenant_name, subscription.id, notice.seq),
    }
    if tenant_name:
        headers["Fiware-Service"] = tenant_name
    return headers
