"""The `notification` of a subscription: what is sent and where (Orion API, subscription.notification)."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from services.broker.domain.subscription import Content, CustomRequest, Endpoint, MqttDelivery
from services.broker.ngsiv2.members import distinct_words_of, flag, number, object_of, text
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.read_custom import check_custom
from services.broker.ngsiv2.read_kafka import check_kafka
from services.broker.ngsiv2.render import BUILTIN_ATTRIBUTES
from services.broker.ngsiv2.syntax import check_identifier, check_text
from services.kernel.errors import BadData

CHANNELS: Final = ("http", "httpCustom", "mqtt", "mqttCustom", "kafka", "kafkaCustom")
_FORMATS: Final = ("normalized", "simplifiedNormalized", "keyValues", "simplifiedKeyValues", "values")
_LONGEST_WAIT_MS: Final = 1_800_000
_MACRO: Final = re.compile(r"\$\{[^}]*\}")


def check_notification(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a body says of the notification, held against the rules. Raises BadData, NotSupported."""
    if not document:
        raise BadData("notification must not be empty", field="notification")
    channels = [name for name in CHANNELS if name in document]
    if len(channels) > 1:
        raise BadData("a notification has exactly one of http, httpCustom, mqtt, mqttCustom", field="notification")
    kept: dict[str, Any] = {name: _check_channel(name, object_of(document, name)) for name in channels}
    kept.update(_check_attributes(document))
    if "attrsFormat" in document:
        if document["attrsFormat"] not in _FORMATS:
            raise BadData(f"attrsFormat must be of {', '.join(_FORMATS)}", field="attrsFormat")
        kept["attrsFormat"] = document["attrsFormat"]
    if "metadata" in document:
        kept["metadata"] = distinct_words_of(document, "metadata", may_be_empty=True)
    kept.update({name: flag(document, name) for name in ("onlyChangedAttrs", "covered") if name in document})
    if "maxFailsLimit" in document:
        kept["maxFailsLimit"] = number(document, "maxFailsLimit", low=1)
    return kept


def _check_attributes(document: Mapping[str, Any]) -> dict[str, Any]:
    if "attrs" in document and "exceptAttrs" in document:
        raise BadData("attrs and exceptAttrs exclude each other", field="exceptAttrs")
    if "attrs" in document:
        return {"attrs": _attribute_names(document, "attrs", may_be_empty=True)}
    if "exceptAttrs" in document:
        return {"exceptAttrs": _attribute_names(document, "exceptAttrs", may_be_empty=False)}
    return {}


def _attribute_names(document: Mapping[str, Any], name: str, *, may_be_empty: bool) -> list[str]:
    return [
        each if each == "*" else check_identifier(each, f"notification {name}")
        for each in distinct_words_of(document, name, may_be_empty=may_be_empty)
    ]


def _check_channel(name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    if "url" not in document:
        raise BadData(f"url {name} notification is missing", field="url")
    url = text(document, "url")
    if name.startswith("kafka"):
        check_kafka(name, url, document)
    kept: dict[str, Any] = {"url": _check_url(url, name)}
    if name.startswith("http"):
        if "timeout" in document:
            kept["timeout"] = number(document, "timeout", low=0, high=_LONGEST_WAIT_MS)
    else:
        kept.update(_check_mqtt(document))
    if name.endswith("Custom"):
        kept.update(check_custom(document))
    return kept


def _check_url(url: str, channel: str) -> str:
    is_custom = channel.endswith("Custom")
    plain = _MACRO.sub("x", url) if is_custom else url
    check_text(plain, f"{channel} url")
    schemes = ("mqtt", "mqtts") if channel.startswith("mqtt") else ("http", "https")
    try:
        parts = urlsplit(plain)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        has_host = False
    if is_custom and url.startswith("${"):
        return url
    if not has_host or parts.scheme not in schemes or any(c.isspace() for c in plain):
        raise BadData(f"Invalid URL parsing notification url: {channel}", field="url")
    if channel.startswith("mqtt") and parts.path not in ("", "/"):
        raise BadData("The url of an MQTT notification has no path", field="url")
    return url


def _check_mqtt(document: Mapping[str, Any]) -> dict[str, Any]:
    if "topic" not in document:
        raise BadData("topic mqtt notification is missing", field="topic")
    kept: dict[str, Any] = {"topic": check_text(text(document, "topic"), "topic")}
    if not kept["topic"]:
        raise BadData("topic must not be empty", field="topic")
    if "qos" in document:
        kept["qos"] = number(document, "qos", low=0, high=2)
    if "retain" in document:
        kept["retain"] = flag(document, "retain")
    if ("user" in document) is not ("passwd" in document):
        raise BadData("user and passwd go together", field="user")
    if "user" in document:
        kept.update(user=text(document, "user"), passwd=text(document, "passwd"))
    return kept


def endpoint_of(notification: Mapping[str, Any]) -> Endpoint:
    """Return where notifications go. Raises BadData where no channel is given."""
    name = next((each for each in CHANNELS if each in notification), None)
    if name is None:
        raise BadData("http notification is missing", field="notification")
    channel = notification[name]
    is_mqtt = name.startswith("mqtt")
    return Endpoint(
        uri=channel["url"],
        headers=tuple(channel.get("headers", {}).items()),
        timeout_ms=channel.get("timeout") or None,
        max_fails=notification.get("maxFailsLimit"),
        custom=_custom_of(channel) if name.endswith("Custom") else None,
        mqtt=_mqtt_of(channel) if is_mqtt else None,
    )


def _custom_of(channel: Mapping[str, Any]) -> CustomRequest:
    payload = channel.get("payload")
    return CustomRequest(
        method=channel.get("method", "POST"),
        query=tuple(channel.get("qs", {}).items()),
        payload=payload or None,
        no_body="payload" in channel and payload is None,
        json=channel.get("json"),
        ngsi=channel.get("ngsi"),
    )


def _mqtt_of(channel: Mapping[str, Any]) -> MqttDelivery:
    return MqttDelivery(
        topic=channel["topic"],
        qos=channel.get("qos", 0),
        retain=channel.get("retain", False),
        user=channel.get("user"),
        password=channel.get("passwd"),
    )


def content_of(notification: Mapping[str, Any], names: Names) -> Content:
    """Return what notifications show. Builtin names stay as they are, others are expanded. Raises BadData."""
    attributes = tuple(notification.get("attrs", ()))
    if notification.get("covered") and not attributes:
        raise BadData("covered true cannot be used if notification attributes list is empty", field="covered")
    excepted = tuple(notification.get("exceptAttrs", ()))
    return Content(
        attributes=tuple(_expanded(each, names) for each in attributes),
        excepted=tuple(_expanded(each, names) for each in excepted),
        only_changed=notification.get("onlyChangedAttrs", False),
        covered=notification.get("covered", False),
        macros_show_previous=_shows_previous(notification),
        metadata=tuple(notification.get("metadata", ())),
        format=notification.get("attrsFormat", "normalized"),
        original_attributes=attributes,
    )


def _shows_previous(notification: Mapping[str, Any]) -> bool:
    """Tell whether macros may ask what was before; the entity before is kept for them then."""
    written = [str(each) for name, each in notification.items() if name.endswith("Custom")]
    return any(word in each for each in written for word in ("previousValue", "actionType"))


def _expanded(name: str, names: Names) -> str:
    return name if name == "*" or name in BUILTIN_ATTRIBUTES else names.expand(name)
