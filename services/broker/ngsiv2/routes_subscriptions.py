"""/v2/subscriptions (Orion API, Subscriptions Operations)."""

from dataclasses import replace

from services.broker.domain.subscription import Subscription, SubscriptionFace, SubscriptionRecord
from services.broker.http.face import Call
from services.broker.http.response import Response, json_response
from services.broker.http.route import Route
from services.broker.ngsiv2 import words
from services.broker.ngsiv2.access import names_of, tenant_to_read
from services.broker.ngsiv2.identifiers import check_identifier_form, new_identifier
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.parameters import count_header, read_options, read_paging
from services.broker.ngsiv2.read_subscription import checked, merged, subscription_of
from services.broker.ngsiv2.render_subscription import render_subscription
from services.broker.ngsiv2.service_path import HEADER, path_to_subscribe
from services.broker.operations import subscriptions
from services.broker.operations.subscriptions import SubscriptionRef
from services.kernel.errors import NotFound
from services.kernel.tenancy import Tenant

_MISSING = "The requested subscription has not been found. Check id"


async def list_subscriptions(call: Call) -> Response:
    """Answer GET /v2/subscriptions; with a service path those made with exactly this one."""
    options = read_options(call.request.parameters)
    page = read_paging(call.request.parameters, options)
    paths = (path_to_subscribe(call.request),) if HEADER in call.request.headers else None
    tenant = await tenant_to_read(call)
    if tenant is None:
        return json_response([], headers=count_header(page, 0))
    found = await subscriptions.find(call.broker, tenant, SubscriptionFace.NGSIV2, page, paths)
    now = call.broker.clock()
    body = [render_subscription(record, now) for record in found.records]
    return json_response(body, headers=count_header(page, found.count))


async def create_subscription(call: Call) -> Response:
    """Answer POST /v2/subscriptions."""
    read_options(call.request.parameters)
    path = path_to_subscribe(call.request)
    tenant = await call.tenant_to_write()
    names = await names_of(call, tenant)
    original = checked(await call.request.json(), names)
    subscription = subscription_of(new_identifier(), original, path, names)
    await subscriptions.create(call.broker, tenant, subscription)
    call.broker.v2_figures.subscriptions["inserts"] += 1
    return Response(201, headers=(("Location", f"/v2/subscriptions/{subscription.id}"),))


async def _existing(call: Call) -> tuple[Tenant, SubscriptionRef]:
    identifier = check_identifier_form(call.values[0], "subscription")
    tenant = await tenant_to_read(call)
    if tenant is None:
        raise NotFound(_MISSING)
    return tenant, SubscriptionRef(SubscriptionFace.NGSIV2, identifier)


async def retrieve_subscription(call: Call) -> Response:
    """Answer GET /v2/subscriptions/{subscriptionId}."""
    tenant, ref = await _existing(call)
    record = await subscriptions.retrieve(call.broker, tenant, ref)
    return json_response(render_subscription(record, call.broker.clock()))


async def update_subscription(call: Call) -> Response:
    """Answer PATCH /v2/subscriptions/{subscriptionId}."""
    tenant, ref = await _existing(call)
    names = await names_of(call, tenant)
    patch = checked(await call.request.json(), names)
    await subscriptions.update(call.broker, tenant, ref, lambda record: _updated(record, patch, names))
    call.broker.v2_figures.subscriptions["updates"] += 1
    return Response(204)


def _updated(record: SubscriptionRecord, patch: dict[str, object], names: Names) -> Subscription:
    old = record.subscription
    original = merged(old.original, patch)
    if not original.get("expires"):
        original.pop("expires", None)
    new = subscription_of(old.id, original, old.conditions.paths[0], names)
    if "status" in patch:
        return new
    return replace(new, is_active=old.is_active, oneshot=old.oneshot)


async def delete_subscription(call: Call) -> Response:
    """Answer DELETE /v2/subscriptions/{subscriptionId}."""
    tenant, ref = await _existing(call)
    await subscriptions.delete(call.broker, tenant, ref)
    call.broker.v2_figures.subscriptions["removes"] += 1
    return Response(204)


_TAG = "NGSIv2 subscriptions"
_EXAMPLE = {
    "description": "Rooms that get warm",
    "subject": {
        "entities": [{"idPattern": ".*", "type": "Room"}],
        "condition": {"attrs": ["temperature"], "expression": {"q": "temperature>40"}},
    },
    "notification": {"http": {"url": "http://127.0.0.1:8090/notify"}, "attrs": ["temperature"]},
    "expires": "2040-01-01T14:00:00.00Z",
    "throttling": 5,
}
_SHOWN = {"id": "62aa3d3ac734067e6f0d0871", "status": "active", **_EXAMPLE}
_OBJECT = {"type": "object"}


def routes() -> tuple[Route, ...]:
    """Return the routes of subscriptions."""
    body = words.json_body("The subscription", _OBJECT, _EXAMPLE)
    patch = words.json_body("The members to change", _OBJECT, {"status": "inactive"})
    one = words.json_body("The subscription", _OBJECT, _SHOWN)
    listed = words.json_body("Subscriptions in order of creation", {"type": "array"}, [_SHOWN])
    created = {201: words.nothing("Created", {"Location": "Path of the subscription"})}
    done = {204: words.nothing("Done")}
    paging = (words.PATHS_TO_READ, words.LIMIT, words.OFFSET, words.options("count"))
    template = "/v2/subscriptions/{subscriptionId}"
    create = words.describe("Subscribe", _TAG, (words.PATHS_TO_READ,), created, 501, request=body)
    update = words.describe("Change a subscription", _TAG, (), done, 404, 501, request=patch)
    return (
        Route(
            "GET",
            "/v2/subscriptions",
            list_subscriptions,
            "subscribe",
            words.describe("List subscriptions", _TAG, paging, {200: listed}),
        ),
        Route("POST", "/v2/subscriptions", create_subscription, "subscribe", create),
        Route(
            "GET",
            template,
            retrieve_subscription,
            "subscribe",
            words.describe("Retrieve a subscription", _TAG, (), {200: one}, 404),
        ),
        Route("PATCH", template, update_subscription, "subscribe", update),
        Route(
            "DELETE",
            template,
            delete_subscription,
            "subscribe",
            words.describe("Delete a subscription", _TAG, (), done, 404),
        ),
    )
