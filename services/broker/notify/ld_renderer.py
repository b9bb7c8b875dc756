"""NGSI-LD notifications: body, headers and media type (5.3.1, 6.3.8, clause 7 for MQTT)."""

import uuid
from typing import Any, Final

import orjson

from services.broker.domain.names import Context
from services.broker.domain.notice import Notice
from services.broker.domain.subscription import Content, Subscription
from services.broker.ngsild.context import CONTEXT_RELATION, context_member, single_url
from services.broker.ngsild.joins import Shown, join_of, joined
from services.broker.ngsild.negotiation import GEO_JSON, JSON, LD_JSON
from services.broker.ngsild.output_geojson import feature
from services.broker.ngsild.projections import read_projection
from services.broker.ngsild.representation import Format, Projection, Representation
from services.broker.notify.ld_entity import notified_entities
from services.broker.notify.message import HttpMessage, Message, MqttMessage
from services.broker.operations.broker import Broker
from services.kernel.clock import to_iso_millis

_SIMPLIFIED: Final = frozenset({"simplified", "keyValues"})
_FORBIDDEN: Final = frozenset({"content-length", "transfer-encoding", "host", "connection", "content-type"})
_IDS: Final = uuid.UUID("0f3a5b52-5a3c-5c5e-9b7a-2f8f7a0d6c11")


def notification_id(tenant_name: str, subscription_id: str, seq: int) -> str:
    """Return the id of a notification, the same at every try, so that a receiver knows a repetition."""
    return f"urn:ngsi-ld:Notification:{uuid.uuid5(_IDS, f'{tenant_name} {subscription_id} {seq}')}"


class LdRenderer:
    """Renders for NGSI-LD subscribers."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    async def render(self, notice: Notice, subscription: Subscription, tenant_name: str) -> Message:
        """Return the message of a notice. Raises HubError where the @context cannot be had."""
        context = await self._context_of(subscription)
        endpoint = subscription.endpoint
        accept = endpoint.accept if endpoint.accept in (LD_JSON, GEO_JSON) else JSON
        shown = _representation(subscription.content, context, accept)
        body = {
            "id": notification_id(tenant_name, subscription.id, notice.seq),
            "type": "Notification",
            "subscriptionId": subscription.id,
            "notifiedAt": to_iso_millis(self._broker.clock()),
            "data": _data(notice, subscription, shown, await self._views(notice, shown, tenant_name)),
        }
        headers = {"Content-Type": accept}
        if accept == JSON:
            headers["Link"] = await self._link(context)
        elif accept == LD_JSON:
            body["@context"] = context_member(context)
            body["data"] = [{**each, "@context": context_member(context)} for each in body["data"]]
        else:
            body["data"]["@context"] = context_member(context)
        if tenant_name:
            headers["NGSILD-Tenant"] = tenant_name
        if notice.correlator:
            headers["Fiware-Correlator"] = notice.correlator
        headers.update((name, value) for name, value in endpoint.headers if name.lower() not in _FORBIDDEN)
        return self._message(subscription, headers, body)

    def _message(self, subscription: Subscription, headers: dict[str, str], body: dict[str, Any]) -> Message:
        endpoint = subscription.endpoint
        timeout_s = (endpoint.timeout_ms or 0) / 1000 or self._broker.settings.notify_timeout_s
        if endpoint.mqtt is not None:
            metadata = {name: value for name, value in headers.items() if name != "Fiware-Correlator"}
            wrapped = orjson.dumps({"metadata": metadata, "body": body})
            return MqttMessage(endpoint.uri, endpoint.mqtt, wrapped, timeout_s)
        return HttpMessage(endpoint.uri, headers, orjson.dumps(body), "POST", timeout_s)

    async def _views(self, notice: Notice, shown: Representation, tenant_name: str) -> list[Shown]:
        """Return the entities with those that they link to, as these are when the notification is sent (4.5.23)."""
        if shown.join is None or notice.is_deletion:
            return [(each, shown) for each in notice.entities]
        tenant = await self._broker.tenants.find(tenant_name)
        return await joined(self._broker, tenant, notice.entities, shown)

    async def _context_of(self, subscription: Subscription) -> Context:
        contexts = self._broker.contexts
        return contexts.core if subscription.context is None else await contexts.resolve(subscription.context)

    async def _link(self, context: Context) -> str:
        url = single_url(context.source)
        if url is None:
            host = self._broker.settings.broker_url.partition("://")[2].rstrip("/")
            url = await self._broker.contexts.publish(context.source, host)
        return f'<{url}>; rel="{CONTEXT_RELATION}"; type="application/ld+json"'


def _representation(content: Content, context: Context, accept: str) -> Representation:
    pick = omit = None
    if content.attributes:
        # `attributes` chooses attributes alone; `pick` chooses members, id and type among them (4.21)
        pick = Projection(frozenset((*content.attributes, "id", "type", "scope", "expiresAt")))
    elif content.picked:
        pick = read_projection(",".join(content.picked), context, "pick")
    if content.omitted:
        omit = read_projection(",".join(content.omitted), context, "omit")
    return Representation(
        context=context,
        format=Format.SIMPLIFIED if content.format in _SIMPLIFIED else Format(content.format),
        media_type=accept,
        sys_attrs=content.sys_attrs,
        pick=pick,
        omit=omit,
        language=content.language,
        dataset_ids=frozenset(None if each == "@none" else each for each in content.dataset_ids) or None,
        join=join_of(content.join, str(content.join_level), content.contained_by),
    )


def _data(notice: Notice, subscription: Subscription, shown: Representation, views: list[Shown]) -> Any:
    documents = notified_entities(notice, subscription, shown, views)
    if shown.media_type != GEO_JSON:
        return documents
    features = [feature(*view) for view in views]
    for each, document in zip(features, documents, strict=True):
        each["properties"] = {name: value for name, value in document.items() if name != "id"}
        if notice.is_deletion:
            each["geometry"] = None
    return {"type": "FeatureCollection", "features": features}
