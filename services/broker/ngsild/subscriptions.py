"""Operations on subscriptions: create, retrieve, list, update, delete (5.8, 6.10, 6.11)."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from services.broker.domain.names import Context
from services.broker.domain.subscription import Subscription, SubscriptionFace, SubscriptionRecord
from services.broker.http.face import Call
from services.broker.http.response import Response
from services.broker.ngsild.answers import document_answer
from services.broker.ngsild.context import body_context, context_of, single_url
from services.broker.ngsild.entities import NO_CONTENT
from services.broker.ngsild.input_entity import read_object
from services.broker.ngsild.input_values import read_uri
from services.broker.ngsild.older_versions import NATIVE, Version, preferred_version
from services.broker.ngsild.page_links import page_headers, with_one_more
from services.broker.ngsild.parameters import read_ld_page, read_representation
from services.broker.ngsild.read_subscription import subscription_of
from services.broker.ngsild.subscription_members import expanded_document, map_members, map_types
from services.broker.operations import subscriptions
from services.broker.operations.subscriptions import SubscriptionRef
from services.kernel.clock import to_iso_millis

_DEFAULT_TRIGGERS = ["attributeCreated", "attributeUpdated"]


async def create_subscription(call: Call) -> Response:
    """Create a subscription (5.8.1)."""
    document = read_object(await call.request.json())
    context = await body_context(call, document)
    original = {"id": f"urn:ngsi-ld:Subscription:{uuid.uuid4()}", **expanded_document(document, context)}
    if "jsonldContext" in original:
        await call.broker.contexts.resolve(original["jsonldContext"])
    elif single_url(context.source) is None:
        host = call.request.headers.get("host", "localhost")
        original["jsonldContext"] = await call.broker.contexts.publish(context.source, host)
    subscription = subscription_of(original, context, call.broker.clock())
    await subscriptions.create(call.broker, await call.tenant_to_write(), subscription)
    location = f"/ngsi-ld/v1/subscriptions/{quote(subscription.id, safe=':')}"
    return Response(201, headers=(("Location", location),))


async def retrieve_subscription(call: Call) -> Response:
    """Retrieve a subscription (5.8.3)."""
    ref = _ref(call)
    context = await context_of(call)
    shown = read_representation(call, context, geo=False)
    record = await subscriptions.retrieve(call.broker, await call.tenant(), ref)
    document = rendered(record, context, call.broker.clock(), sys_attrs=shown.sys_attrs)
    return await document_answer(call, document, shown, version=_version(call))


async def list_subscriptions(call: Call) -> Response:
    """List subscriptions (5.8.4)."""
    context = await context_of(call)
    shown = read_representation(call, context, geo=False)
    page = read_ld_page(call.request.parameters)
    found = await subscriptions.find(call.broker, await call.tenant(), SubscriptionFace.NGSI_LD, with_one_more(page))
    now = call.broker.clock()
    documents = [rendered(each, context, now, sys_attrs=shown.sys_attrs) for each in found.records[: page.limit]]
    has_next = len(found.records) > page.limit
    headers = page_headers(call, page, found.count, has_next=has_next)
    return await document_answer(call, documents, shown, headers, version=_version(call))


async def update_subscription(call: Call) -> Response:
    """Update a subscription (5.8.2)."""
    ref = _ref(call)
    document = read_object(await call.request.json())
    context = await body_context(call, document)
    removed = {name for name, value in document.items() if value is None}
    now = call.broker.clock()
    record = await subscriptions.retrieve(call.broker, await call.tenant(), ref)
    old_context = await call.broker.contexts.resolve(record.subscription.context)

    def change(there: SubscriptionRecord) -> Subscription:
        original = there.subscription.original
        patch = expanded_document(document, context)
        new = {name: value for name, value in {**original, **patch}.items() if name not in removed}
        new["id"] = ref.id
        return subscription_of(new, context if "@context" in document else old_context, now)

    await subscriptions.update(call.broker, await call.tenant(), ref, change)
    return NO_CONTENT


async def delete_subscription(call: Call) -> Response:
    """Delete a subscription (5.8.5)."""
    await subscriptions.delete(call.broker, await call.tenant(), _ref(call))
    return NO_CONTENT


def _version(call: Call) -> Version:
    """Return the version that the client prefers: a subscription is the same in each of them (4.3.6.8)."""
    return preferred_version(call.request.headers.get("prefer", "")) or NATIVE


def _ref(call: Call) -> SubscriptionRef:
    return SubscriptionRef(SubscriptionFace.NGSI_LD, read_uri(call.values[0], "id"))


def rendered(record: SubscriptionRecord, context: Context, now: datetime, *, sys_attrs: bool) -> dict[str, Any]:
    """Return a subscription as JSON, in a context (5.2.12)."""
    subscription = record.subscription
    original = subscription.original
    document: dict[str, Any] = {"id": subscription.id, "type": "Subscription", **original}
    if "entities" in original:
        document["entities"] = [
            {**each, "type": map_types(each["type"], context.compact)} for each in original["entities"]
        ]
    if "watchedAttributes" in original:
        document["watchedAttributes"] = [context.compact(each) for each in original["watchedAttributes"]]
    document.setdefault("notificationTrigger", _DEFAULT_TRIGGERS)
    document["status"] = _status(subscription, now)
    document["notification"] = _notification(record, original["notification"], context)
    if sys_attrs:
        document["createdAt"] = to_iso_millis(record.created_at)
        document["modifiedAt"] = to_iso_millis(record.modified_at)
    return document


def _status(subscription: Subscription, now: datetime) -> str:
    if subscription.is_expired(now):
        return "expired"
    return "active" if subscription.is_active else "paused"


def _notification(record: SubscriptionRecord, original: Mapping[str, Any], context: Context) -> dict[str, Any]:
    document = dict(original)
    for name in ("attributes", "pick", "omit"):
        if name in document:
            document[name] = [map_members(each, context.compact) for each in document[name]]
    status = record.status
    if status.times_sent:
        document["status"] = "failed" if record.last_attempt_failed else "ok"
        document["timesSent"] = status.times_sent
        document["timesFailed"] = status.times_failed
    for name, instant in (
        ("lastNotification", status.last_notification),
        ("lastSuccess", status.last_success),
        ("lastFailure", status.last_failure),
    ):
        if instant is not None:
            document[name] = to_iso_millis(instant)
    return document
