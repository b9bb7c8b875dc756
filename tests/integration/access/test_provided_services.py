"""Services and their providers at the context broker: own areas, separated ones, agreements, suspension."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.auth.domain.provided_service import CHECKLIST
from tests.integration.access.conftest import City
from tests.support.auth import Login
from tests.support.patience import until
from tests.support.v2_provider import providing

STOP = {"type": "BusStop", "name": {"value": "瓦町"}}


async def offer(city: City, number: int, **more: Any) -> tuple[str, httpx.AsyncClient]:
    """Have an active service with one client; return its identifier and the client at the broker."""
    service_id = f"{city.name.replace('_', '-')}-{number}"
    made = await city.operator.post("/organisations", json={"tenant": city.name, "title": "事業者"})
    provider = made.json()["organisation_id"]
    body = {"service_id": service_id, "tenant": city.name, "provider": provider, "title": "運行情報"}
    body |= {"area": f"/area{number}", "storage": "internal", "purposes": ["timetable"], **more}
    answer = await city.operator.post("/services", json=body)
    assert answer.status_code == 201, answer.text
    for step in ({"status": "approved", "checklist": dict.fromkeys(CHECKLIST, True)}, {"status": "active"}):
        assert (await city.operator.post(f"/services/{service_id}/status", json=step)).status_code == 200
    secret = (await city.operator.post(f"/services/{service_id}/clients", json={})).json()
    headers = await city.hub.headers(Login(secret["client_id"], secret["client_secret"]))
    return service_id, await city.client(headers, f"/area{number}")


async def _ids(client: httpx.AsyncClient, path: str) -> list[str] | int:
    answer = await client.get("/v2/entities", headers={"Fiware-ServicePath": path}, params={"limit": 100})
    return [each["id"] for each in answer.json()] if answer.status_code == 200 else answer.status_code


async def _agree(city: City, used: str, user: str, **more: Any) -> str:
    answer = await city.operator.post(f"/services/{used}/agreements", json={"user_service": user, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["agreement_id"])


async def test_nothing_crosses_from_one_provider_to_another_without_an_agreement(city: City) -> None:
    _, bus = await offer(city, 1)
    _, walk = await offer(city, 2)
    assert (await bus.post("/v2/entities", json={"id": "stop-1", **STOP})).status_code == 201
    assert await _ids(bus, "/area1") == ["stop-1"]
    for path in ("/area1", "/#", "/area1/#", "/", "/area2,/area1", "/area2,/#"):
        assert await _ids(walk, path) == 403, path
    assert (await walk.post("/v2/entities", json=STOP, headers={"Fiware-ServicePath": "/area1"})).status_code == 403
    assert (await walk.get("/ngsi-ld/v1/entities", params={"type": "BusStop"})).json() == []
    assert (await walk.get("/ngsi-ld/v1/entities/urn:ngsi-ld:BusStop:stop-1")).status_code == 404


async def test_an_agreement_shows_what_it_is_about_as_long_as_it_lasts(city: City) -> None:
    used, bus = await offer(city, 1)
    user, _ = await offer(city, 2)
    await bus.post("/v2/entities", json={"id": "stop-1", **STOP})
    await bus.post("/v2/entities", json={"id": "driver-1", "type": "Driver"})
    agreement = await _agree(city, used, user, types=["BusStop"], actions=["read"])
    secret = (await city.operator.post(f"/services/{user}/clients", json={})).json()
    walk = await city.client(await city.hub.headers(Login(secret["client_id"], secret["client_secret"])))
    assert await _ids(walk, "/area1") == ["stop-1"]
    assert (await city.operator.delete(f"/services/{used}/agreements/{agreement}")).status_code == 204

    async def is_outdated() -> bool:
        return await _ids(walk, "/area1") == 401

    await until(is_outdated)


async def test_clients_of_a_suspended_service_are_refused_before_their_tokens_end(city: City) -> None:
    service_id, bus = await offer(city, 1)
    assert await _ids(bus, "/area1") == []
    step = {"status": "suspended", "reason": "監査で不備"}
    assert (await city.operator.post(f"/services/{service_id}/status", json=step)).status_code == 200

    async def is_refused() -> bool:
        return await _ids(bus, "/area1") == 401

    await until(is_refused, 60)


@pytest.fixture
async def separated(city: City) -> tuple[City, httpx.AsyncClient, httpx.AsyncClient]:
    """A separated area with an entity of each interface, and who has a grant over the whole tenant."""
    whole = await city.caller(city.grant("*"))
    _, bus = await offer(city, 1, storage="separated")

    async def is_told() -> bool:
        return await _ids(whole, "/area1/#") == 403

    assert (await bus.post("/v2/entities", json={"id": "stop-1", **STOP})).status_code == 201
    scoped = {"id": "urn:ngsi-ld:BusStop:2", "type": "BusStop", "scope": ["/area1/east", "/all"]}
    assert (await bus.post("/ngsi-ld/v1/entities", json=scoped)).status_code == 201
    assert (await whole.post("/v2/entities", json={"id": "park", "type": "Park"})).status_code == 201

    async def is_closed() -> bool:
        return await _ids(whole, "/#") == ["park"]

    await until(is_closed)
    return city, bus, whole


async def test_a_separated_area_is_closed_to_a_grant_over_the_whole_tenant(
    separated: tuple[City, httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    city, bus, whole = separated
    for client in (whole, await city.client(await city.hub.headers())):
        for path in ("/#", "/area1/#", "/area1", "/area1/east,/#"):
            assert set(await _ids(client, path)) <= {"park"}, path  # type: ignore[arg-type]
        answer = await client.get("/ngsi-ld/v1/entities", params={"type": "BusStop,Park", "count": "true"})
        assert (len(answer.json()), answer.headers["NGSILD-Results-Count"]) == (1, "1")
        for uri in ("urn:ngsi-ld:BusStop:stop-1", "urn:ngsi-ld:BusStop:2"):
            assert (await client.get(f"/ngsi-ld/v1/entities/{uri}")).status_code == 404
            assert (await client.delete(f"/ngsi-ld/v1/entities/{uri}")).status_code in (403, 404)
        moved = {"id": "urn:ngsi-ld:Park:9", "type": "Park", "scope": ["/area1/x"]}
        assert (await client.post("/ngsi-ld/v1/entities", json=moved)).status_code == 403
    assert len((await bus.get("/ngsi-ld/v1/entities", params={"type": "BusStop"})).json()) == 2


async def test_a_grant_that_names_a_separated_area_reaches_it(
    separated: tuple[City, httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    city, _, _ = separated
    both = await city.caller(city.grant("read"), city.grant("read", path="/area1/east/#"))
    found = (await both.get("/ngsi-ld/v1/entities", params={"type": "BusStop,Park"})).json()
    assert sorted(each["id"] for each in found) == ["urn:ngsi-ld:BusStop:2", "urn:ngsi-ld:Park:park"]
    assert (await both.get("/ngsi-ld/v1/entities/urn:ngsi-ld:BusStop:stop-1")).status_code == 404


async def test_a_prefecture_reads_no_separated_area_of_a_member(new_city: Callable[..., Any]) -> None:
    prefecture: City = await new_city()
    member: City = await new_city(parent=prefecture.name, inherits=["read"])
    _, bus = await offer(member, 1, storage="separated")
    await bus.post("/v2/entities", json={"id": "stop-1", **STOP})
    reader = await member.caller({"tenant": f"{prefecture.name}/#", "actions": ["read"]})

    async def is_closed() -> bool:
        return bool((await reader.get("/ngsi-ld/v1/entities", params={"type": "BusStop"})).json() == [])

    await until(is_closed)
    assert (await reader.get("/cross/entities", params={"type": "BusStop", "tenants": member.name})).json() == []


def _registration(url: str, entity_id: str) -> dict[str, Any]:
    return {
        "dataProvided": {"entities": [{"id": entity_id, "type": "Tram"}]},
        "provider": {"http": {"url": url}},
    }


async def test_an_external_services_data_stay_at_its_source_and_are_asked_for_there(city: City) -> None:
    used, tram = await offer(city, 1, storage="external")
    user, walk = await offer(city, 2)
    source_1 = {"id": "tram-1", "type": "Tram", "line": {"type": "Text", "value": "琴平線"}}
    with providing(source_1) as source:
        for path, body in (("/v2/entities", source_1), ("/ngsi-ld/v1/entities", {"id": "urn:x:1", "type": "Tram"})):
            refused = await tram.post(path, json=body)
            assert refused.status_code == 403, refused.text
            assert "no grant to write" in refused.text
        made = await tram.post("/v2/registrations", json=_registration(source.url, "tram-1"))
        assert made.status_code == 201, made.text
        address = made.headers["Location"]
        assert (await tram.get(address)).json()["provider"]["http"]["url"] == source.url
        for path in ("/", "/area2"):
            beside = {"Fiware-ServicePath": path}
            wish = _registration(source.url, "bus-1")
            assert (await tram.post("/v2/registrations", json=wish, headers=beside)).status_code == 403
        for method in ("GET", "DELETE"):
            assert (await walk.request(method, address)).status_code == 403
        whole = await city.caller(city.grant("read"))
        agreement = await _agree(city, used, user, actions=["read"])
        secret = (await city.operator.post(f"/services/{user}/clients", json={})).json()
        partner = await city.client(await city.hub.headers(Login(secret["client_id"], secret["client_secret"])))
        for client in (whole, tram, partner):
            found = await client.get("/v2/entities", params={"type": "Tram"}, headers={"Fiware-ServicePath": "/area1"})
            assert [each["line"]["value"] for each in found.json()] == ["琴平線"], found.text
        asked = len(source.asked)
        narrow = await city.caller(city.grant("read", path="/area1/#", attributes=["line"]))
        assert await _ids(narrow, "/area1") == []
        assert len(source.asked) == asked, "what cannot be held against a view is not asked for"
        assert await _stored(city) == []
        assert (await city.operator.delete(f"/services/{used}/agreements/{agreement}")).status_code == 204

        async def is_outdated() -> bool:
            return await _ids(partner, "/area1") == 401

        await until(is_outdated)


async def _stored(city: City) -> Any:
    """Return what the hub itself has of the tenant."""
    master = await city.client(await city.hub.headers())
    return (await master.get("/ngsi-ld/v1/entities", params={"type": "Tram", "local": "true"})).json()


async def test_who_registers_in_one_service_path_neither_sees_nor_ends_registrations_in_another(
    city: City,
) -> None:
    _, first = await offer(city, 1, storage="external")
    _, second = await offer(city, 2, storage="external")
    address = (await first.post("/v2/registrations", json=_registration("http://127.0.0.1:9", "t"))).headers["Location"]
    for method in ("GET", "DELETE"):
        assert (await second.request(method, address)).status_code == 404
    assert (await second.get("/v2/registrations")).json() == []
    assert (await first.get(address)).status_code == 200
    assert (await first.delete(address)).status_code == 204
