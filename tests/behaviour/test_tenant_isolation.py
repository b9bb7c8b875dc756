"""Another tenant's identifiers on every route of both faces: nothing is read, counted, changed or deleted."""

import re
from typing import Any

import httpx
import pytest

from services.broker import ngsild, ngsiv2
from services.broker.http.route import Route
from tests.support.shared_broker import new_tenant

Headers = dict[str, str]
SECRET = "himitsu4711"
ENTITY = f"urn:ngsi-ld:Gauge:{SECRET}"
ROUTES = sorted((*ngsild.routes(), *ngsiv2.routes()), key=lambda route: (route.template, route.method))
_EVERYWHERE = re.compile(r"^/(version|statistics|cache|admin|log)\b")


def _attribute(route: Route) -> dict[str, Any]:
    return {"type": "Property", "value": 666} if "ngsi-ld" in route.template else {"value": 666}


def _bodies(route: Route) -> list[Any]:
    level = _attribute(route)
    entity = {"id": ENTITY, "type": "Gauge", "level": level}
    selection = {"type": "Query", "entities": [{"id": ENTITY, "type": "Gauge"}]}
    return [
        entity,
        {"level": level},
        level,
        [entity],
        [ENTITY],
        selection,
        {"actionType": "delete", "entities": [entity]},
    ]


async def _fill(broker: httpx.AsyncClient, owner: Headers, stranger: Headers) -> dict[str, str]:
    """Give the owner an entity, a subscription and a registration on each face; return their ids by parameter."""
    entity = {"id": ENTITY, "type": "Gauge", "level": {"type": "Property", "value": SECRET}}
    assert (await broker.post("/ngsi-ld/v1/entities", json=entity, headers=owner)).status_code == 201
    notification = {"endpoint": {"uri": f"http://127.0.0.1:9/{SECRET}"}}
    ld = {"type": "Subscription", "entities": [{"type": "Gauge"}], "notification": notification}
    ld_answer = await broker.post("/ngsi-ld/v1/subscriptions", json=ld, headers=owner)
    assert ld_answer.status_code == 201, ld_answer.text
    v2 = {
        "description": SECRET,
        "subject": {"entities": [{"idPattern": ".*", "type": "Gauge"}]},
        "notification": {"http": {"url": f"http://127.0.0.1:9/{SECRET}"}},
    }
    v2_answer = await broker.post("/v2/subscriptions", json=v2, headers=owner)
    assert v2_answer.status_code == 201, v2_answer.text
    await broker.post("/v2/entities", json={"id": "own", "type": "Gauge"}, headers=stranger)
    return {
        "ngsi-ld": ld_answer.headers["Location"].rsplit("/", 1)[1],
        "v2": v2_answer.headers["Location"].rsplit("/", 1)[1],
    }


def _fill_in(route: Route, subscriptions: dict[str, str]) -> str:
    face = "ngsi-ld" if "ngsi-ld" in route.template else "v2"

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if "entity" in name.lower():
            return ENTITY
        if "ubscription" in name:
            return subscriptions[face]
        if "type" in name.lower():
            return "Gauge"
        return "level" if "attr" in name.lower() else SECRET

    return re.sub(r"{(\w+)}", value, route.template)


async def _state(broker: httpx.AsyncClient, owner: Headers) -> list[Any]:
    paths = (f"/ngsi-ld/v1/entities/{ENTITY}", "/ngsi-ld/v1/subscriptions", "/v2/subscriptions")
    answers = [await broker.get(path, headers=owner) for path in paths]
    assert all(answer.status_code == 200 for answer in answers)
    return [answer.json() for answer in answers]


@pytest.fixture
def owner(tenant: str) -> Headers:
    """Return the headers of the tenant that has something to hide."""
    return {"Fiware-Service": tenant}


@pytest.fixture
def stranger() -> Headers:
    """Return the headers of another tenant."""
    return {"Fiware-Service": new_tenant()}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.template}")
async def test_a_stranger_reaches_nothing(
    route: Route, broker: httpx.AsyncClient, owner: Headers, stranger: Headers
) -> None:
    if _EVERYWHERE.match(route.template):
        assert route.action in ("admin", "read"), "what concerns no tenant needs its own grant"
    subscriptions = await _fill(broker, owner, stranger)
    before = await _state(broker, owner)
    path = _fill_in(route, subscriptions)
    bodies = [None] if route.method in ("GET", "DELETE", "HEAD", "OPTIONS") else _bodies(route)
    for body in bodies:
        answer = await broker.request(route.method, path, json=body, headers=stranger)
        assert answer.status_code < 500 or answer.status_code in (501, 504), answer.text
        shown = answer.text
        for sent in (path, ENTITY, *path.split("/")):  # what the stranger sent may come back
            shown = shown.replace(sent, "") if sent else shown
        assert SECRET not in shown, answer.text
    assert await _state(broker, owner) == before


async def test_lists_and_counts_are_of_the_own_tenant(
    broker: httpx.AsyncClient, owner: Headers, stranger: Headers
) -> None:
    await _fill(broker, owner, stranger)
    for path in ("/v2/entities?options=count", "/v2/types?options=count", "/ngsi-ld/v1/entities?type=Gauge&count=true"):
        answer = await broker.get(path, headers=stranger)
        assert SECRET not in answer.text
        counted = answer.headers.get("Fiware-Total-Count") or answer.headers.get("NGSILD-Results-Count")
        assert counted == "1"


async def test_the_default_tenant_is_a_tenant_like_the_others(
    broker: httpx.AsyncClient, owner: Headers, stranger: Headers
) -> None:
    await _fill(broker, owner, stranger)
    assert (await broker.get("/v2/entities")).json() == []
    assert (await broker.get(f"/ngsi-ld/v1/entities/{ENTITY}")).status_code == 404
