"""NGSIv2 httpCustom and mqttCustom: the parts of the message with their `${…}` macros filled in."""

import dataclasses
from typing import Final
from urllib.parse import unquote, urlencode

import orjson

from services.broker.domain.notice import Notice
from services.broker.domain.subscription import MqttDelivery, Subscription
from services.broker.ngsiv2.names import Names
from services.broker.notify.message import HttpMessage, Message, MqttMessage
from services.broker.notify.v2_entity import notification_body
from services.broker.notify.v2_macros import Macros, macros_of
from services.broker.notify.v2_patch import patched

_FIXED: Final = frozenset({"fiware-correlator", "ngsiv2-attrsformat"})


def v2_delivery(delivery: MqttDelivery) -> MqttDelivery:
    """Return how NGSIv2 publishes: as Orion does, with MQTT 3.1.1, which every broker speaks."""
    return dataclasses.replace(delivery, version="3.1.1")


def custom_message(
    notice: Notice, subscription: Subscription, names: Names, envelope: tuple[dict[str, str], str, float]
) -> Message:
    """Return the message of a custom notification; `envelope` is headers, tenant and time-out in seconds."""
    headers, tenant_name, timeout_s = envelope
    endpoint = subscription.endpoint
    custom = endpoint.custom
    assert custom is not None
    macros = macros_of(notice, names, tenant_name)
    body = _body(notice, subscription, names, macros)
    url = macros.text(endpoint.uri)
    if endpoint.mqtt is not None:
        delivery = dataclasses.replace(v2_delivery(endpoint.mqtt), topic=macros.text(endpoint.mqtt.topic))
        return MqttMessage(url, delivery, body or b"", timeout_s)
    if custom.payload:
        headers = {**headers, "Content-Type": "text/plain"}
    if custom.payload is not None or custom.json is not None:
        headers = {**headers, "Ngsiv2-AttrsFormat": "custom"}
    for name, value in endpoint.headers:
        _override(headers, macros.text(name), macros.text(unquote(value)))
    if custom.query:
        query = urlencode([(macros.text(name), macros.text(value)) for name, value in custom.query])
        url += ("&" if "?" in url else "?") + query
    return HttpMessage(url, headers, body, custom.method, timeout_s)


def _override(headers: dict[str, str], name: str, value: str) -> None:
    if name.lower() in _FIXED:
        return
    for there in [each for each in headers if each.lower() == name.lower()]:
        del headers[there]
    if value:
        headers[name] = value


def _body(notice: Notice, subscription: Subscription, names: Names, macros: Macros) -> bytes | None:
    custom = subscription.endpoint.custom
    assert custom is not None
    if custom.no_body:
        return None
    if custom.payload:
        return macros.text(unquote(custom.payload)).encode()
    if custom.json is not None:
        return orjson.dumps(macros.json(custom.json))
    if custom.ngsi is not None:
        notice = patched(notice, custom.ngsi, macros, names)
    return orjson.dumps(notification_body(notice, subscription, names))
