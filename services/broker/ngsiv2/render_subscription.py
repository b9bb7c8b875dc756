"""Subscriptions as NGSIv2 shows them: the subscriber's words with defaults, status and what was sent."""

from datetime import datetime
from typing import Any

from services.broker.domain.subscription import SubscriptionRecord, SubscriptionStatus
from services.broker.domain.v2_value import read_date
from services.broker.ngsiv2.read_notification import CHANNELS
from services.kernel.clock import to_iso_millis

_HIDDEN = "*****"
_ENTITY_ORDER = ("id", "idPattern", "type", "typePattern")
_EXPRESSION_ORDER = ("q", "mq", "geometry", "coords", "georel")
_CONDITION_ORDER = ("attrs", "expression", "jexlExpression", "alterationTypes", "notifyOnMetadataChange")
_CHANNEL_ORDER = (
    *("url", "topic", "qos", "retain", "user", "passwd"),
    *("headers", "qs", "method", "payload", "json", "ngsi", "timeout"),
)


def render_subscription(record: SubscriptionRecord, now: datetime) -> dict[str, Any]:
    """Return a subscription as GET shows it."""
    subscription = record.subscription
    original = subscription.original
    document: dict[str, Any] = {"id": subscription.id}
    if original.get("description"):
        document["description"] = original["description"]
    if original.get("expires"):
        document["expires"] = to_iso_millis(read_date(original["expires"]))
    document["status"] = _status(record, now)
    document["subject"] = _subject(original["subject"])
    document["notification"] = _notification(original["notification"], record.status)
    if original.get("throttling"):
        document["throttling"] = original["throttling"]
    return document


def _status(record: SubscriptionRecord, now: datetime) -> str:
    subscription = record.subscription
    if subscription.is_expired(now):
        return "expired"
    if not subscription.is_active:
        return "inactive"
    return "oneshot" if subscription.oneshot else "active"


def _ordered(document: dict[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
    return {name: document[name] for name in order if name in document}


def _subject(subject: dict[str, Any]) -> dict[str, Any]:
    condition = {"attrs": [], "notifyOnMetadataChange": True, **subject.get("condition", {})}
    if "expression" in condition:
        condition["expression"] = _ordered(condition["expression"], _EXPRESSION_ORDER)
    if not condition.get("alterationTypes", True):
        del condition["alterationTypes"]
    entities = [_ordered(each, _ENTITY_ORDER) for each in subject["entities"]]
    return {"entities": entities, "condition": _ordered(condition, _CONDITION_ORDER)}


def _notification(notification: dict[str, Any], status: SubscriptionStatus) -> dict[str, Any]:
    """Return the notification with its defaults and what was sent, in Orion's order."""
    shown: dict[str, Any] = {}
    if status.times_sent:
        shown["timesSent"] = status.times_sent
    if status.fails_in_row:
        shown["failsCounter"] = status.fails_in_row
    if "maxFailsLimit" in notification:
        shown["maxFailsLimit"] = notification["maxFailsLimit"]
    if status.last_notification is not None:
        shown["lastNotification"] = to_iso_millis(status.last_notification)
    if "exceptAttrs" in notification:
        shown["exceptAttrs"] = notification["exceptAttrs"]
    else:
        shown["attrs"] = notification.get("attrs", [])
    shown["onlyChangedAttrs"] = notification.get("onlyChangedAttrs", False)
    shown["attrsFormat"] = notification.get("attrsFormat", "normalized")
    shown.update({name: _channel(name, notification[name]) for name in CHANNELS if name in notification})
    if notification.get("metadata"):
        shown["metadata"] = notification["metadata"]
    shown.update(_outcomes(status, is_http="http" in notification or "httpCustom" in notification))
    shown["covered"] = notification.get("covered", False)
    return shown


def _channel(name: str, channel: dict[str, Any]) -> dict[str, Any]:
    shown = dict(channel)
    if name.startswith("mqtt"):
        shown = {"qos": 0, "retain": False, **shown}
    if "passwd" in shown:
        shown["passwd"] = _HIDDEN
    if not shown.get("timeout", 1):
        del shown["timeout"]
    return _ordered(shown, _CHANNEL_ORDER)


def _outcomes(status: SubscriptionStatus, *, is_http: bool) -> dict[str, Any]:
    """Return when sending went well and when not; code and reason are shown of HTTP alone, as Orion does."""
    shown: dict[str, Any] = {}
    if status.last_failure is not None:
        shown["lastFailure"] = to_iso_millis(status.last_failure)
        if is_http and status.last_failure_reason:
            shown["lastFailureReason"] = status.last_failure_reason
    if status.last_success is not None:
        shown["lastSuccess"] = to_iso_millis(status.last_success)
        if is_http and status.last_success_code is not None:
            shown["lastSuccessCode"] = status.last_success_code
    return shown
