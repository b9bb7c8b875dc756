"""Subscriptions as NGSIv2 shows them: the subscriber's words with defaults, status and what was sent."""

from datetime import datetime
from typing import Any

from services.broker.domain.subscription import SubscriptionRecord, SubscriptionStatus
from services.broker.domain.v2_value import read_date
from services.broker.ngsiv2.read_notification import CHANNELS
from services.kernel.clock import to_iso_millis

_HIDDEN = "*****"


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
    document["notification"] = {**_notification(original["notification"]), **_sent(record.status)}
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


def _subject(subject: dict[str, Any]) -> dict[str, Any]:
    condition = {"attrs": [], **subject.get("condition", {})}
    condition.setdefault("notifyOnMetadataChange", True)
    return {"entities": subject["entities"], "condition": condition}


def _notification(notification: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {} if "exceptAttrs" in notification else {"attrs": []}
    shown.update({"onlyChangedAttrs": False, "attrsFormat": "normalized", "covered": False})
    for name, value in notification.items():
        if name == "metadata" and not value:
            continue
        shown[name] = _channel(name, value) if name in CHANNELS else value
    return shown


def _channel(name: str, channel: dict[str, Any]) -> dict[str, Any]:
    shown = dict(channel)
    if name.startswith("mqtt"):
        shown = {"qos": 0, "retain": False, **shown}
    if "passwd" in shown:
        shown["passwd"] = _HIDDEN
    if not shown.get("timeout", 1):
        del shown["timeout"]
    return shown


def _sent(status: SubscriptionStatus) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if status.times_sent:
        shown["timesSent"] = status.times_sent
    instants = {
        "lastNotification": status.last_notification,
        "lastSuccess": status.last_success,
        "lastFailure": status.last_failure,
    }
    shown.update({name: to_iso_millis(each) for name, each in instants.items() if each is not None})
    if status.last_success is not None and status.last_success_code is not None:
        shown["lastSuccessCode"] = status.last_success_code
    if status.last_failure is not None and status.last_failure_reason:
        shown["lastFailureReason"] = status.last_failure_reason
    if status.fails_in_row:
        shown["failsCounter"] = status.fails_in_row
    return shown
