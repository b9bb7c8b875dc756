"""Subscriptions as users send them into what the context broker holds (5.2.12, 5.8.1)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from services.broker.domain.names import Context
from services.broker.domain.subscription import (
    LD_TRIGGERS,
    Conditions,
    Content,
    Endpoint,
    MqttDelivery,
    Subject,
    Subscription,
    SubscriptionFace,
    Trigger,
)
from services.broker.ngsild.filters import query_filter, query_scope, read_geo, read_selectors, words_of_geo
from services.broker.ngsild.input_values import read_date_time
from services.broker.query.entity_query import EntitySelector
from services.kernel.errors import BadData

_MQTT_VERSIONS: Final = {"mqtt3.1.1": "3.1.1", "mqtt5.0": "5.0"}


def subscription_of(original: Mapping[str, Any], context: Context, now: datetime) -> Subscription:
    """Make the subscription of what has been checked and expanded. Raises BadData."""
    if "notification" not in original:
        raise BadData("notification must be given", field="notification")
    if "entities" not in original and "watchedAttributes" not in original:
        raise BadData("entities or watchedAttributes must be given", field="entities")
    interval, throttling = _seconds(original, "timeInterval"), _seconds(original, "throttling")
    if interval is not None and (throttling is not None or "watchedAttributes" in original):
        raise BadData("timeInterval does not go with watchedAttributes or throttling", field="timeInterval")
    return Subscription(
        id=original["id"],
        face=SubscriptionFace.NGSI_LD,
        endpoint=_endpoint(original["notification"]),
        conditions=_conditions(original, context),
        content=_content(original),
        is_active=_flag(original, "isActive", default=True),
        throttling_s=throttling or 0.0,
        time_interval_s=interval,
        expires_at=_expiry(original, now),
        context=original.get("jsonldContext", context.source),
        original=dict(original),
    )


def _seconds(original: Mapping[str, Any], name: str) -> float | None:
    value = original.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise BadData(f"{name} must be a number of seconds above 0", field=name)
    return float(value)


def _flag(original: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = original.get(name, default)
    if not isinstance(value, bool):
        raise BadData(f"{name} must be true or false", field=name)
    return value


def _expiry(original: Mapping[str, Any], now: datetime) -> datetime | None:
    if "expiresAt" not in original:
        return None
    expires_at = read_date_time(original["expiresAt"], "expiresAt")
    if expires_at <= now:
        raise BadData("expiresAt must be in the future", field="expiresAt")
    return expires_at


def _conditions(original: Mapping[str, Any], context: Context) -> Conditions:
    triggers = original.get("notificationTrigger")
    q, scope = original.get("q"), original.get("scopeQ")
    words = words_of_geo(original.get("geoQ"))
    return Conditions(
        subjects=tuple(map(_subject, read_selectors(original.get("entities"), context))),
        watched=tuple(original.get("watchedAttributes", ())),
        triggers=frozenset(map(Trigger, triggers)) if triggers else LD_TRIGGERS,
        filter=query_filter(q, context, _expanded_values(original)) if q is not None else None,
        geo=read_geo(words, context),
        scope=query_scope(scope) if scope is not None else None,
    )


def _expanded_values(original: Mapping[str, Any]) -> frozenset[str]:
    """Return the attributes whose values in `q` are names to expand (4.9, 5.2.12)."""
    given = original.get("expandValues", [])
    names = given.split(",") if isinstance(given, str) else given
    if not isinstance(names, list) or not all(isinstance(each, str) and each for each in names):
        raise BadData("expandValues must be an array of attribute names", field="expandValues")
    return frozenset(each.strip() for each in names)


def _subject(selector: EntitySelector) -> Subject:
    return Subject(ids=selector.ids, id_pattern=selector.id_pattern, types=selector.types)


def _content(original: Mapping[str, Any]) -> Content:
    notification = original["notification"]
    named = original.get("datasetId", ())
    if notification.get("showChanges") is True and notification.get("format") in ("simplified", "keyValues"):
        raise BadData("notification.showChanges does not go with a simplified format", field="notification.showChanges")
    return Content(
        attributes=tuple(notification.get("attributes", ())),
        picked=tuple(notification.get("pick", ())),
        omitted=tuple(notification.get("omit", ())),
        format=notification.get("format", "normalized"),
        sys_attrs=_flag(notification, "sysAttrs", default=False),
        show_changes=_flag(notification, "showChanges", default=False),
        language=original.get("lang"),
        dataset_ids=tuple([named] if isinstance(named, str) else named),
        join=notification.get("join"),
        join_level=notification.get("joinLevel", 1),
        contained_by=tuple(notification.get("containedBy", ())),
    )


def _endpoint(notification: Mapping[str, Any]) -> Endpoint:
    endpoint = notification["endpoint"]
    parts = urlsplit(endpoint["uri"])
    if parts.scheme not in ("http", "https", "mqtt", "mqtts") or not parts.hostname:
        raise BadData(
            "notification.endpoint.uri must be an http, https, mqtt or mqtts URL", field="notification.endpoint.uri"
        )
    info = _pairs(endpoint, "notifierInfo")
    is_mqtt = parts.scheme.startswith("mqtt")
    return Endpoint(
        uri=_mqtt_uri(endpoint["uri"]) if is_mqtt else endpoint["uri"],
        accept=endpoint.get("accept", "application/json"),
        headers=_pairs(endpoint, "receiverInfo"),
        notifier_info=info,
        timeout_ms=_milliseconds(endpoint, "timeout"),
        cooldown_ms=_milliseconds(endpoint, "cooldown"),
        mqtt=_mqtt(endpoint["uri"], dict(info)) if is_mqtt else None,
    )


def _pairs(endpoint: Mapping[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    where = f"notification.endpoint.{name}"
    pairs = endpoint.get(name, [])
    if not isinstance(pairs, list) or not all(isinstance(each, dict) for each in pairs):
        raise BadData(f"{where} must be an array of key and value", field=where)
    if not all(isinstance(each.get(part), str) for each in pairs for part in ("key", "value")):
        raise BadData(f"{where} must be an array of key and value", field=where)
    if any(not each["key"] or not f"{each['key']}{each['value']}".isprintable() for each in pairs):
        raise BadData(f"{where} has a character that is not allowed", field=where)
    return tuple((each["key"], each["value"]) for each in pairs)


def _milliseconds(endpoint: Mapping[str, Any], name: str) -> int | None:
    value = endpoint.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        where = f"notification.endpoint.{name}"
        raise BadData(f"{where} must be a number of milliseconds above 0", field=where)
    return int(value)


def _mqtt_uri(uri: str) -> str:
    parts = urlsplit(uri)
    port = parts.port or (8883 if parts.scheme == "mqtts" else 1883)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _mqtt(uri: str, info: Mapping[str, str]) -> MqttDelivery:
    parts = urlsplit(uri)
    topic = parts.path.removeprefix("/")
    if not topic:
        raise BadData("notification.endpoint.uri must have a topic", field="notification.endpoint.uri")
    version, qos = info.get("MQTT-Version", "mqtt5.0"), info.get("MQTT-QoS", "0")
    if version not in _MQTT_VERSIONS or qos not in ("0", "1", "2"):
        where = "notification.endpoint.notifierInfo"
        raise BadData("MQTT-Version must be mqtt3.1.1 or mqtt5.0, and MQTT-QoS 0, 1 or 2", field=where)
    return MqttDelivery(topic, int(qos), user=parts.username, password=parts.password, version=_MQTT_VERSIONS[version])
