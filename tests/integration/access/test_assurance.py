"""Levels of assurance: compared at every decision of the context broker, refused with what to ask for."""

from typing import Any

import httpx

from tests.integration.access.conftest import City
from tests.integration.access.test_provided_services import offer
from tests.support.auth import Login
from tests.support.patience import until

RESIDENT = {"id": "urn:ngsi-ld:Resident:1", "type": "Resident", "name": {"value": "山田"}, "age": {"value": 40}}
_ACR = "urn:hiroba:acr:ial2:aal2"


async def _ask(city: City, client: httpx.AsyncClient, *rules: dict[str, Any], status: int = 401) -> None:
    answer = await city.operator.put(f"/tenants/{city.name}/levels", json={"rules": list(rules)})
    assert answer.status_code == 204, answer.text

    async def is_told() -> bool:
        return (await client.get("/ngsi-ld/v1/entities", params={"type": "Resident"})).status_code == status

    await until(is_told)


async def _filled(city: City) -> httpx.AsyncClient:
    caller = await city.caller(city.grant("*"))
    for entity in (RESIDENT, {"id": "urn:ngsi-ld:Park:1", "type": "Park"}):
        assert (await caller.post("/ngsi-ld/v1/entities", json=entity)).status_code == 201
    return caller


def _is_challenge(answer: httpx.Response) -> bool:
    words = answer.headers.get("www-authenticate", "")
    named = 'error="insufficient_user_authentication"' in words and f'acr_values="{_ACR}"' in words
    return answer.status_code == 401 and named


async def test_who_is_short_of_a_level_is_refused_with_the_acr_to_ask_for(city: City) -> None:
    caller = await _filled(city)
    await _ask(city, caller, {"types": ["Resident"], "ial": 2, "aal": 2})
    for answer in (
        await caller.get("/ngsi-ld/v1/entities", params={"type": "Resident"}),
        await caller.get("/ngsi-ld/v1/entities", params={"type": "Park,Resident"}),
        await caller.get(f"/ngsi-ld/v1/entities/{RESIDENT['id']}"),
        await caller.get("/v2/entities", params={"type": "Resident"}),
        await caller.get(f"/v2/entities/{RESIDENT['id']}"),
        await caller.patch(f"/ngsi-ld/v1/entities/{RESIDENT['id']}/attrs", json={"age": 41}),
        await caller.delete(f"/ngsi-ld/v1/entities/{RESIDENT['id']}"),
    ):
        assert _is_challenge(answer), (answer.request.url, answer.status_code, answer.headers, answer.text)
    body = (await caller.get(f"/ngsi-ld/v1/entities/{RESIDENT['id']}")).json()
    assert "IAL 2 and AAL 2" in body["detail"]


async def test_what_asks_higher_levels_is_left_out_of_what_does_not_name_it(city: City) -> None:
    caller = await _filled(city)
    await _ask(city, caller, {"types": ["Resident"], "ial": 2, "aal": 2})
    found = await caller.get("/v2/entities", params={"options": "count"})
    assert ([each["type"] for each in found.json()], found.headers["Fiware-Total-Count"]) == (["Park"], "1")
    types = (await caller.get("/ngsi-ld/v1/types")).json()["typeList"]
    assert not [name for name in types if name.endswith("Resident")]


async def test_an_attribute_may_ask_more_than_its_entity(city: City) -> None:
    caller = await _filled(city)
    rule = {"types": ["Resident"], "attributes": ["age"], "ial": 2, "aal": 2}
    assert (await city.operator.put(f"/tenants/{city.name}/levels", json={"rules": [rule]})).status_code == 204

    async def is_hidden() -> bool:
        shown = (await caller.get(f"/ngsi-ld/v1/entities/{RESIDENT['id']}")).json()
        return "age" not in shown and "name" in shown

    await until(is_hidden)
    assert _is_challenge(await caller.get("/ngsi-ld/v1/entities", params={"type": "Resident", "q": "age>30"}))
    assert (await caller.get("/ngsi-ld/v1/entities", params={"type": "Resident"})).status_code == 200


async def test_who_reaches_the_levels_is_let_in(city: City) -> None:
    service_id, low = await offer(city, 1, assurance={"ial": 2, "aal": 1})
    moved = {**RESIDENT, "scope": ["/area1"]}
    assert (await low.post("/ngsi-ld/v1/entities", json=moved)).status_code == 201
    await _ask(city, low, {"path": "/area1/#", "ial": 2, "aal": 2})
    raised = {"assurance": {"ial": 2, "aal": 2}}
    assert (await city.operator.patch(f"/services/{service_id}", json=raised)).status_code == 200
    secret = (await city.operator.post(f"/services/{service_id}/clients", json={})).json()
    high = await city.client(await city.hub.headers(Login(secret["client_id"], secret["client_secret"])), "/area1")
    found = await high.get("/ngsi-ld/v1/entities", params={"type": "Resident"})
    assert [each["id"] for each in found.json()] == [RESIDENT["id"]]


async def test_a_service_asks_levels_of_its_users_but_not_of_itself(city: City) -> None:
    _, own = await offer(city, 1, asked={"ial": 2, "aal": 2})
    moved = {**RESIDENT, "scope": ["/area1"]}
    assert (await own.post("/ngsi-ld/v1/entities", json=moved)).status_code == 201
    user = await city.caller(city.grant("read"))

    async def is_told() -> bool:
        return _is_challenge(await user.get(f"/ngsi-ld/v1/entities/{RESIDENT['id']}"))

    await until(is_told)
    assert (await own.get(f"/ngsi-ld/v1/entities/{RESIDENT['id']}")).status_code == 200


async def test_a_rule_that_cannot_be_is_refused_by_field(city: City) -> None:
    for rule, field in (
        ({"types": ["A"]}, "rules.0.ial"),
        ({"aal": 1, "path": "x"}, "rules.0.path"),
        ({"aal": 1, "actions": ["admin"]}, "rules.0.actions"),
        ({"aal": 1, "types": []}, "rules.0.types"),
        ({"aal": 4}, "rules.0.aal"),
    ):
        answer = await city.operator.put(f"/tenants/{city.name}/levels", json={"rules": [rule]})
        assert (answer.status_code, answer.json()["field"]) == (400, field), answer.text
    stranger = await city.caller(city.grant("read"))
    token = stranger.headers["authorization"]
    answer = await city.operator.get(f"/tenants/{city.name}/levels", headers={"Authorization": token})
    assert answer.status_code == 403
