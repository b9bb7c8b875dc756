"""The `notification` of a subscription: what is sent and where (Orion API, subscription.notification)."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from services.broker.domain.subscription import Content, CustomRequest, Endpoint, MqttDelivery
from services.broker.ngsiv2.members import flag, number, object_of, text, words_of
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.render import BUILTIN_ATTRIBUTES
from services.broker.ngsiv2.syntax import check_identifier, check_text
from services.kernel.errors import BadData, NotSupported

CHANNELS: Final = ("http", "httpCustom", "mqtt", "mqttCustom", "kafka", "kafkaCustom")
_FORMATS: Final = ("normalized", "simplifiedNormalized", "keyValues", "simplifiedKeyValues", "values")
_METHODS: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"})
LAST_PRIORITY: Final = 100_000
_LONGEST_WAIT_MS: Final = 1_800_000
_MACRO: Final = re.compile(r"\$\{[^}]*\}")


def check_notification(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a body says of the notification, held against the rules. Raises BadData, NotSupported."""
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
        kept["metadata"] = words_of(document, "metadata", may_be_empty=True)
    kept.update({name: flag(document, name) for name in ("onlyChangedAttrs", "covered") if name in document})
    if "maxFailsLimit" in document:
        kept["maxFailsLimit"] = number(document, "maxFailsLimit", low=1)
    if kept.get("covered") and not kept.get("attrs"):
        raise BadData("covered true cannot be used if notification attributes list is empty", field="covered")
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
        for each in words_of(document, name, may_be_empty=may_be_empty)
    ]


def _check_channel(name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    if name.startswith("kafka"):
        raise NotSupported("Notifications to Kafka are not supported")
    if "url" not in document:
        raise BadData(f"url {name} notification is missing", field="url")
    url = text(document, "url")
    kept: dict[str, Any] = {"url": _check_url(url, name)}
    if name.startswith("http"):
        if "timeout" in document:
            kept["timeout"] = number(document, "timeout", low=0, high=_LONGEST_WAIT_MS)
    else:
        kept.update(_check_mqtt(document))
    if name.endswith("Custom"):
        kept.update(_check_custom(document))
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
    kept: dict[str, Any] = {"topic": text(document, "topic")}
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


def _check_custom(document: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    bodies = [name for name in ("payload", "json", "ngsi") if name in document]
    if len(bodies) > 1:
        raise BadData("payload, json and ngsi exclude each other", field=bodies[1])
    if "method" in document:
        if document["method"] not in _METHODS:
            raise BadData("unknown HTTP method", field="method")
        kept["method"] = document["method"]
    for name in ("headers", "qs"):
        if name in document:
            kept[name] = _check_pairs(document, name)
    if "payload" in document:
        payload = document["payload"]
        kept["payload"] = None if payload is None else check_text(text(document, "payload"), "payload")
    if "json" in document:
        if not isinstance(document["json"], dict | list):
            raise BadData("json must be a JSON object or list", field="json")
        kept["json"] = document["json"]
    if "ngsi" in document:
        kept["ngsi"] = _check_patch(object_of(document, "ngsi"))
    return kept


def _check_patch(patch: Mapping[str, Any]) -> dict[str, Any]:
    for name, attribute in patch.items():
        if name in ("id", "type"):
            text(patch, name)
            continue
        check_identifier(name, "ngsi attribute")
        if not isinstance(attribute, dict) or not attribute.keys() <= {"type", "value", "metadata"}:
            raise BadData(f"ngsi.{name} must be an object of type, value and metadata", field=f"ngsi.{name}")
        if "type" in attribute:
            check_identifier(attribute["type"], f"ngsi {name} type")
        if "metadata" in attribute:
            _check_priority(object_of(attribute, "metadata"))
    return dict(patch)


def _check_priority(metadata: Mapping[str, Any]) -> None:
    if metadata.keys() != {"evalPriority"} or not isinstance(metadata["evalPriority"], dict):
        raise BadData("the metadata of ngsi is evalPriority alone", field="ngsi.metadata")
    number({"value": None, **metadata["evalPriority"]}, "value", low=1, high=LAST_PRIORITY)


def _check_pairs(document: Mapping[str, Any], name: str) -> dict[str, str]:
    pairs = object_of(document, name)
    if not pairs or not all(isinstance(each, str) for each in pairs.values()):
        raise BadData(f"{name} must be a JSON object of strings that is not empty", field=name)
    return dict(pairs)


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
    """Return what notifications show. Builtin names stay as they are, others are expanded."""
    attributes = tuple(notification.get("attrs", ()))
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
