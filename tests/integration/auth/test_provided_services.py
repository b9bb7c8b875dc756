"""Services and their providers: life cycle, own clients, agreements on use, and what their tokens grant."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from joserfc import jws

from services.auth.domain.provided_service import CHECKLIST
from tests.integration.auth.conftest import Guarded
from tests.support.auth import Login, ask_token, grant

ALL_CONFIRMED = dict.fromkeys(CHECKLIST, True)


async def _organisation(client: httpx.AsyncClient, tenant: str) -> str:
    made = await client.post("/organisations", json={"tenant": tenant, "title": "バス事業者"})
    assert made.status_code == 201, made.text
    return str(made.json()["organisation_id"])


async def _service(client: httpx.AsyncClient, service_id: str, **more: Any) -> httpx.Response:
    await client.put("/tenants/takamatsu", json={})
    provider = await _organisation(client, "takamatsu")
    body = {"service_id": service_id, "tenant": "takamatsu", "provider": provider, "title": service_id}
    body |= {"area": f"/{service_id.replace('-', '_')}", "storage": "internal", "purposes": ["timetable"]}
    return await client.post("/services", json={**body, **more})


async def _step(client: httpx.AsyncClient, service_id: str, status: str, **more: Any) -> httpx.Response:
    return await client.post(f"/services/{service_id}/status", json={"status": status, **more})


async def _active(client: httpx.AsyncClient, service_id: str, **more: Any) -> Login:
    assert (await _service(client, service_id, **more)).status_code == 201
    assert (await _step(client, service_id, "approved", checklist=ALL_CONFIRMED)).status_code == 200
    assert (await _step(client, service_id, "active")).status_code == 200
    made = await client.post(f"/services/{service_id}/clients", json={"title": "受信"})
    assert made.status_code == 201, made.text
    return Login(made.json()["client_id"], made.json()["client_secret"])


def _claims(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    payload = jws.extract_compact(answer.json()["access_token"].encode()).payload
    return dict(json.loads(payload))


async def test_a_service_is_approved_only_when_the_whole_checklist_is_confirmed(hub: httpx.AsyncClient) -> None:
    assert (await _service(hub, "bus")).json()["status"] == "applied"
    for item in CHECKLIST:
        short = {name: True for name in CHECKLIST if name != item}
        refused = await _step(hub, "bus", "approved", checklist=short)
        assert (refused.status_code, refused.json()["field"]) == (400, f"checklist.{item}")
    assert [each["item"] for each in (await hub.get("/services/checklist")).json()] == list(CHECKLIST)
    approved = (await _step(hub, "bus", "approved", checklist=ALL_CONFIRMED)).json()
    assert (approved["status"], approved["approved_by"], approved["checklist"]) == (
        "approved",
        "anonymous",
        ALL_CONFIRMED,
    )


async def test_a_step_that_does_not_follow_is_refused(hub: httpx.AsyncClient) -> None:
    lives: list[tuple[list[str], str]] = [
        ([], "active"),
        ([], "suspended"),
        (["approved"], "approved"),
        (["approved", "active", "ended"], "active"),
    ]
    for number, (steps, refused) in enumerate(lives):
        await _service(hub, f"bus-{number}")
        for status in steps:
            step = await _step(hub, f"bus-{number}", status, checklist=ALL_CONFIRMED, reason="r")
            assert step.status_code == 200, step.text
        last = await _step(hub, f"bus-{number}", refused, checklist=ALL_CONFIRMED, reason="r")
        assert last.status_code == 409, (steps, refused)


async def test_nobody_is_suspended_without_a_reason(hub: httpx.AsyncClient) -> None:
    await _active(hub, "bus")
    assert (await _step(hub, "bus", "suspended")).json()["field"] == "reason"
    assert (await _step(hub, "bus", "suspended", reason="監査で不備")).json()["reason"] == "監査で不備"


async def test_a_services_client_may_do_what_it_wants_in_its_own_area_and_nothing_else(hub: httpx.AsyncClient) -> None:
    login = await _active(hub, "bus", assurance={"ial": 2, "aal": 2})
    claims = _claims(await ask_token(hub, login))
    [own] = claims["grants"]
    assert (own["tenant"], own["path"]) == ("takamatsu", "/bus/#")
    assert set(own["actions"]) == {"read", "write", "subscribe", "provision", "publish", "hold"}
    assert claims["svc"] == {"id": "bus", "purposes": ["timetable"]}
    assert (claims["ial"], claims["aal"], claims["acr"]) == (2, 2, "urn:hiroba:acr:ial2:aal2")


async def test_a_service_whose_data_stay_at_their_source_may_only_register_it(hub: httpx.AsyncClient) -> None:
    login = await _active(hub, "bus", storage="external")
    [own] = _claims(await ask_token(hub, login))["grants"]
    assert own["actions"] == ["read", "subscribe", "register"]


async def test_a_service_uses_another_only_under_an_agreement_and_while_it_lasts(hub: httpx.AsyncClient) -> None:
    await _active(hub, "bus")
    walker = await _active(hub, "walk")
    assert len(_claims(await ask_token(hub, walker))["grants"]) == 1
    now = datetime.now(UTC)
    ends = now + timedelta(seconds=100)
    wanted = {"user_service": "walk", "types": ["BusStop"], "actions": ["read"], "ends_at": ends.isoformat()}
    made = await hub.post("/services/bus/agreements", json=wanted)
    assert made.status_code == 201, made.text
    answer = await ask_token(hub, walker)
    used = _claims(answer)["grants"][1]
    assert used == {"tenant": "takamatsu", "path": "/bus/#", "types": ["BusStop"], "actions": ["read"]}
    assert answer.json()["expires_in"] <= 100
    later = {**wanted, "starts_at": (now + timedelta(days=1)).isoformat(), "ends_at": None, "types": ["Bus"]}
    assert (await hub.post("/services/bus/agreements", json=later)).status_code == 201
    assert len(_claims(await ask_token(hub, walker))["grants"]) == 2
    await hub.delete(f"/services/bus/agreements/{made.json()['agreement_id']}")
    assert len(_claims(await ask_token(hub, walker))["grants"]) == 1
    assert [each["user_service"] for each in (await hub.get("/services/bus/agreements")).json()] == ["walk", "walk"]


async def test_a_suspended_services_data_are_used_by_nobody(hub: httpx.AsyncClient) -> None:
    await _active(hub, "bus")
    walker = await _active(hub, "walk")
    await hub.post("/services/bus/agreements", json={"user_service": "walk"})
    await _step(hub, "bus", "suspended", reason="r")
    assert len(_claims(await ask_token(hub, walker))["grants"]) == 1


async def test_a_client_outside_its_services_period_gets_no_token(hub: httpx.AsyncClient) -> None:
    login = await _active(hub, "bus")
    now = datetime.now(UTC)
    over = {"ends_at": (now - timedelta(seconds=1)).isoformat()}
    early = {"starts_at": (now + timedelta(days=1)).isoformat(), "ends_at": None}
    for period in (over, early):
        assert (await hub.patch("/services/bus", json=period)).status_code == 200
        refused = await ask_token(hub, login)
        assert (refused.status_code, refused.json()["error"]) == (400, "unauthorized_client")


async def test_tokens_of_a_suspended_service_end_and_no_new_ones_are_given(guarded: Guarded) -> None:
    login = await _active(guarded.client, "bus")
    headers = await guarded.headers(login)
    assert (await guarded.client.get("/tenants", headers=headers)).status_code == 200
    assert (await _step(guarded.client, "bus", "suspended", reason="r")).status_code == 200
    for _ in range(200):
        refused = await guarded.client.get("/tenants", headers=headers)
        if refused.status_code == 401:
            break
    assert refused.status_code == 401
    assert (await ask_token(guarded.client, login)).json()["error_description"] == "Service bus is suspended"
    await _step(guarded.client, "bus", "active")
    assert (await ask_token(guarded.client, login)).status_code == 200


async def test_a_service_below_the_levels_that_another_asks_gets_no_agreement(hub: httpx.AsyncClient) -> None:
    await _active(hub, "health", asked={"ial": 2, "aal": 2})
    await _active(hub, "walk", assurance={"ial": 2, "aal": 1})
    refused = await hub.post("/services/health/agreements", json={"user_service": "walk"})
    assert refused.status_code == 409
    assert refused.json()["detail"] == ("Service health asks for IAL 2 and AAL 2; service walk has IAL 2 and AAL 1")
    await hub.patch("/services/walk", json={"assurance": {"ial": 2, "aal": 2}})
    assert (await hub.post("/services/health/agreements", json={"user_service": "walk"})).status_code == 201


async def test_two_services_never_have_the_same_area(hub: httpx.AsyncClient) -> None:
    await _service(hub, "bus")
    for area in ("/bus", "/bus/stops"):
        assert (await _service(hub, "other", area=area)).status_code == 409
    assert (await _service(hub, "other", area="/buses")).status_code == 201


async def test_a_service_that_cannot_be_is_refused_by_field(hub: httpx.AsyncClient) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"area": "/"}, "area"),
        ({"area": "/bus/#"}, "area"),
        ({"area": "bus"}, "area"),
        ({"storage": "mine"}, "storage"),
        ({"purposes": ["A B"]}, "purposes"),
        ({"provider": "o-unknown"}, "provider"),
        ({"service_id": "B"}, "service_id"),
        ({"assurance": {"ial": 4}}, "assurance.ial"),
        ({"starts_at": "2027-01-02T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z"}, "ends_at"),
        ({"tenant": "nowhere"}, "tenant"),
    ]
    for more, field in wrong:
        answer = await _service(hub, **{"service_id": "bus", **more})
        assert (answer.status_code, answer.json()["field"]) == (400, field), answer.text


async def test_audits_are_kept_and_an_overdue_one_is_shown(hub: httpx.AsyncClient) -> None:
    await _active(hub, "bus")
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    audit = {"audited_at": yesterday, "passed": True, "note": "問題なし", "next_audit_at": yesterday}
    assert (await hub.post("/services/bus/audits", json=audit)).json()["is_audit_overdue"] is True
    [kept] = (await hub.get("/services/bus/audits")).json()
    assert (kept["passed"], kept["note"], kept["audited_by"]) == (True, "問題なし", "anonymous")


async def test_only_an_ended_service_is_deleted_and_its_clients_with_it(hub: httpx.AsyncClient) -> None:
    login = await _active(hub, "bus")
    assert (await hub.delete("/services/bus")).status_code == 409
    await _step(hub, "bus", "ended", reason="契約満了")
    assert (await hub.delete("/services/bus")).status_code == 204
    assert (await ask_token(hub, login)).status_code == 401
    assert (await hub.get("/services/bus")).status_code == 404


async def test_services_of_other_tenants_are_not_found(guarded: Guarded) -> None:
    await _active(guarded.client, "bus")
    await guarded.client.put("/tenants/marugame", json={})
    stranger = await guarded.headers_for(grant("marugame", "admin", "read"))
    made = (await guarded.client.post("/services/bus/agreements", json={"user_service": "bus"})).status_code
    assert made == 400
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"title": "x"}),
        ("DELETE", "", None),
        ("POST", "/status", {"status": "ended", "reason": "r"}),
        ("GET", "/clients", None),
        ("POST", "/clients", {}),
        ("DELETE", "/clients/x", None),
        ("GET", "/agreements", None),
        ("POST", "/agreements", {"user_service": "x"}),
        ("DELETE", "/agreements/x", None),
        ("GET", "/audits", None),
        ("POST", "/audits", {"audited_at": "2026-01-01T00:00:00Z", "passed": True}),
    ):
        answer = await guarded.client.request(method, f"/services/bus{path}", json=body, headers=stranger)
        assert answer.status_code == 404, (method, path, answer.text)
    assert (await guarded.client.get("/services", headers=stranger)).json() == {"total": 0, "services": []}


async def test_a_separated_area_and_asked_levels_are_told_to_every_service(hub: httpx.AsyncClient) -> None:
    await _active(hub, "bus", storage="separated", asked={"ial": 1, "aal": 2})
    told = (await hub.get("/feed/tenants")).json()["tenants"][-1]
    assert told["access"] == {
        "areas": [{"service": "bus", "path": "/bus", "separated": True, "ial": 1, "aal": 2}],
    }
