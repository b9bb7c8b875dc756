"""NGSIv2 httpCustom and mqttCustom: the parts of the message with their `${…}` macros filled in."""

import dataclasses
import re
from typing import Any, Final
from urllib.parse import unquote, urlencode

import orjson

from services.broker.domain.notice import Notice
from services.broker.domain.subscription import MqttDelivery, Subscription
from services.broker.domain.v2_value import shown_value
from services.broker.ngsiv2.names import Names
from services.broker.notify.message import HttpMessage, Message, MqttMessage
from services.broker.notify.v2_entity import notification_body

_MACRO: Final = re.compile(r"\$\{([^}]*)\}")
_FIXED: Final = frozenset({"fiware-correlator", "ngsiv2-attrsformat"})


class Macros:
    """Values by name: `id`, `type`, `service`, `servicePath` and each attribute of the entity."""

    def __init__(self, notice: Notice, names: Names, tenant_name: str) -> None:
        entity = notice.entities[0]
        self._values: dict[str, Any] = {
            "id": entity.id,
            "type": names.short(entity.type),
            "service": tenant_name,
            "servicePath": entity.path,
        }
        for name in entity.attrs:
            instance = entity.attribute(name)
            if instance is not None:
                self._values.setdefault(names.short(name), shown_value(instance))

    def value(self, expression: str) -> Any:
        """Return what a macro stands for; null where there is no such attribute."""
        return self._values.get(expression.strip())

    def text(self, template: str) -> str:
        """Fill in a text: a missing value is `null`, an object is JSON."""
        return _MACRO.sub(lambda macro: _as_text(self.value(macro[1])), template)

    def json(self, template: Any) -> Any:
        """Fill in JSON: a macro that is the whole string keeps the type of its value."""
        match template:
            case str():
                whole = _MACRO.fullmatch(template)
                return self.value(whole[1]) if whole else self.text(template)
            case dict():
                return {self.text(name): self.json(each) for name, each in template.items()}
            case list():
                return [self.json(each) for each in template]
            case _:
                return template


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


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
    macros = Macros(notice, names, tenant_name)
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
        _override(headers, macros.text(name), macros.text(value))
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
    patch = {} if custom.ngsi is None else macros.json(dict(custom.ngsi))
    return orjson.dumps(notification_body(notice, subscription, names, patch))
