"""Device keys at auth and at the context broker, and what ends tokens before their time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.access.conftest import City
from tests.support.auth import bearer, register
from tests.support.patience import until

GAUGE = {"id": "gauge-1", "type": "Gauge", "level": {"value": 1}}


async def _key(city: City, *grants: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"tenant": city.name, "grants": list(grants), **more}
    answer = await city.operator.post("/device-keys", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _status(client: httpx.AsyncClient) -> int:
    return (await client.get("/v2/entities")).status_code


async def _until_refused(client: httpx.AsyncClient) -> None:
    """Wait less long than anything lives that the broker keeps of keys and tokens."""

    async def is_refused() -> bool:
        return await _status(client) == 401

    await until(is_refused, 30)


async def test_a_key_is_sent_as_it_is_and_does_what_it_is_granted(city: City) -> None:
    made = await _key(city, city.grant("write", types=["Gauge"]), title="新川の水位計")
    assert made["key"].startswith(f"hbk_{made['key_id']}_")
    assert len(made["key"].removeprefix(f"hbk_{made['key_id']}_")) == 43
    device = await city.client({"Authorization": f"Bearer {made['key']}"})
    assert (await device.post("/v2/entities", json=GAUGE)).status_code == 201
    assert (await device.post("/v2/entities", json={"id": "p", "type": "Park"})).status_code == 403
    assert (await device.get("/v2/entities")).status_code == 403
    shown = (await city.operator.get("/device-keys", params={"limit": 1000})).json()["keys"]
    [kept] = [each for each in shown if each["key_id"] == made["key_id"]]
    assert kept["last_used_at"] is not None
    assert "key" not in kept
    assert "key_hash" not in kept


async def test_a_revoked_key_is_refused_by_the_broker_before_what_it_keeps_runs_out(city: City) -> None:
    made = await _key(city, city.grant("read"))
    device = await city.client({"Authorization": f"Bearer {made['key']}"})
    assert await _status(device) == 200
    assert (await city.operator.delete(f"/device-keys/{made['key_id']}")).status_code == 204
    await _until_refused(device)


async def test_an_expired_key_and_one_of_a_suspended_tenant_are_refused(city: City) -> None:
    soon = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    made = await _key(city, city.grant("read"), expires_at=soon)

    async def is_over() -> bool:
        return (await city.operator.post("/device-keys/token", json={"key": made["key"]})).status_code == 401

    await until(is_over)
    lasting = await _key(city, city.grant("read"))
    await city.put(status="suspended")
    assert (await city.operator.post("/device-keys/token", json={"key": lasting["key"]})).status_code == 401


@pytest.mark.parametrize("text", ["hbk_x", "hbk_aaaaaaaaaaaa_" + "A" * 43, "hbk_" + "a" * 190, "hbk__"])
async def test_a_wrong_key_is_refused(city: City, text: str) -> None:
    assert (await city.operator.post("/device-keys/token", json={"key": text})).status_code == 401
    device = await city.client({"Authorization": f"Bearer {text}"})
    assert await _status(device) == 401


async def test_who_guesses_a_keys_secret_is_made_to_wait(city: City) -> None:
    made = await _key(city, city.grant("read"))
    head = made["key"].rpartition(made["key"][-43:])[0]
    wrong = [await city.operator.post("/device-keys/token", json={"key": head + f"{n:043d}"}) for n in range(11)]
    assert [answer.status_code for answer in wrong] == [401] * 10 + [429]
    assert (await city.operator.post("/device-keys/token", json={"key": made["key"]})).status_code == 429


async def test_who_guesses_a_clients_secret_is_made_to_wait(city: City) -> None:
    login = await register(city.operator, {}, city.grant("read"))
    form = {"grant_type": "client_credentials"}
    for _ in range(10):
        answer = await city.operator.post("/oauth/token", data=form, auth=(login.client_id, "wrong"))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    right = await city.operator.post("/oauth/token", data=form, auth=(login.client_id, login.secret))
    assert (right.status_code, "Too many" in right.json()["error_description"]) == (401, True)


async def test_a_keys_grants_lie_in_its_tenant_and_reach_no_administration(new_city: Callable[..., Any]) -> None:
    one, other = await new_city(), await new_city()
    for grants, field in (
        ([other.grant("read")], "grants.0.tenant"),
        ([{"tenant": "*", "actions": ["read"]}], "grants.0.tenant"),
        ([one.grant("admin")], "grants.0.actions"),
        ([one.grant("*")], "grants.0.actions"),
        ([], "grants"),
    ):
        answer = await one.operator.post("/device-keys", json={"tenant": one.name, "grants": grants})
        assert (answer.status_code in (400, 403), answer.json()["field"]) == (True, field), answer.text


async def test_a_tenants_administrator_makes_and_sees_only_its_own_keys(new_city: Callable[..., Any]) -> None:
    one, other = await new_city(), await new_city()
    kept = await _key(other, other.grant("read"))
    login = await register(one.operator, {}, one.grant("admin"))
    async with one.hub.client("auth") as client:
        client.headers.update(await bearer(client, login))
        mine = await client.post("/device-keys", json={"tenant": one.name, "grants": [one.grant("read")]})
        assert mine.status_code == 201
        listed = (await client.get("/device-keys")).json()
        assert [each["key_id"] for each in listed["keys"]] == [mine.json()["key_id"]]
        body = {"tenant": other.name, "grants": [other.grant("read")]}
        assert (await client.post("/device-keys", json=body)).status_code == 403
        assert (await client.delete(f"/device-keys/{kept['key_id']}")).status_code == 404


@pytest.mark.parametrize("change", ["grants", "suspend", "delete", "secret"])
async def test_a_token_ends_early_when_what_its_client_may_do_changes(city: City, change: str) -> None:
    login = await register(city.operator, {}, city.grant("read"))
    caller = await city.client(await city.hub.headers(login))
    assert await _status(caller) == 200
    path = f"/clients/{login.client_id}"
    match change:
        case "grants":
            await city.operator.patch(path, json={"grants": [city.grant("read", types=["Park"])]})
        case "suspend":
            await city.operator.patch(path, json={"status": "suspended"})
        case "delete":
            await city.operator.delete(path)
        case "secret":
            await city.operator.post(f"{path}/secret")
    await _until_refused(caller)
    if change == "grants":
        fresh = await city.client(await city.hub.headers(login))
        assert await _status(fresh) == 200
