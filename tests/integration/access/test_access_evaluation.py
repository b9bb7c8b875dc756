"""The policy decision point, clause by clause of the OpenID AuthZEN Authorization API 1.0."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.integration.access.conftest import City
from tests.support.auth import Login, grant, register

READ = {"name": "read"}


@dataclass(frozen=True)
class Point:
    """The decision point as the operator asks it, two tenants, and a client that may read parks in the first."""

    city: City
    other: str
    login: Login

    def ask(self, action: str = "read", **more: Any) -> dict[str, Any]:
        """Return a request about the client in the first tenant."""
        resource = {"type": "tenant", "id": self.city.name, "properties": {"entity_type": "Park"}}
        subject = {"type": "client", "id": self.login.client_id}
        return {"subject": subject, "action": {"name": action}, "resource": resource, **more}

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Send a request."""
        return await self.city.operator.post(f"/access/v1/{path}", json=body, headers=headers)

    async def headers_for(self, *grants: dict[str, Any]) -> dict[str, str]:
        """Return the header of a new client."""
        return await self.city.hub.headers(await register(self.city.operator, {}, *grants))


@pytest.fixture
async def pdp(new_city: Callable[..., Any]) -> Point:
    first, second = await new_city(), await new_city()
    reader = grant(first.name, "read", "subscribe", types=["Park"])
    return Point(first, second.name, await register(first.operator, {}, reader))


async def test_metadata_names_every_endpoint(pdp: Point) -> None:
    answer = await pdp.city.operator.get("/.well-known/authzen-configuration", headers={"Authorization": ""})
    told = answer.json()
    base = told["policy_decision_point"]
    assert told == {
        "policy_decision_point": base,
        "access_evaluation_endpoint": f"{base}/access/v1/evaluation",
        "access_evaluations_endpoint": f"{base}/access/v1/evaluations",
        "search_subject_endpoint": f"{base}/access/v1/search/subject",
        "search_resource_endpoint": f"{base}/access/v1/search/resource",
        "search_action_endpoint": f"{base}/access/v1/search/action",
    }
    assert base == str(pdp.city.operator.base_url).rstrip("/")


async def test_evaluation_permits_what_is_granted_and_denies_the_rest(pdp: Point) -> None:
    permitted = await pdp.post("evaluation", pdp.ask())
    assert (permitted.status_code, permitted.json()) == (200, {"decision": True})
    assert permitted.headers["content-type"] == "application/json"
    for asked in (pdp.ask("write"), pdp.ask(resource={"type": "tenant", "id": pdp.other})):
        denied = await pdp.post("evaluation", asked)
        assert (denied.status_code, denied.json()) == (200, {"decision": False, "context": {"reason": "not_granted"}})


async def test_evaluation_denies_what_is_unknown_with_the_reason(pdp: Point) -> None:
    for asked, reason in (
        (pdp.ask(subject={"type": "client", "id": "nobody"}), "unknown_subject"),
        (pdp.ask(resource={"type": "tenant", "id": "nowhere"}), "unknown_resource"),
        (pdp.ask("fly"), "unknown_action"),
    ):
        denied = (await pdp.post("evaluation", asked)).json()
        assert denied == {"decision": False, "context": {"reason": reason}}


async def test_evaluation_refuses_a_request_without_what_it_takes(pdp: Point) -> None:
    whole = pdp.ask()
    wrong: list[tuple[Any, str]] = [
        ({key: value for key, value in whole.items() if key != "subject"}, "subject"),
        ({key: value for key, value in whole.items() if key != "action"}, "action"),
        ({key: value for key, value in whole.items() if key != "resource"}, "resource"),
        ({**whole, "subject": {"type": "client"}}, "subject.id"),
        ({**whole, "subject": {"id": "x"}}, "subject.type"),
        ({**whole, "action": {}}, "action.name"),
        ({**whole, "resource": {"type": "tenant"}}, "resource.id"),
        ({**whole, "resource": {"id": pdp.city.name}}, "resource.type"),
        ({**whole, "subject": "client"}, "subject"),
        ({**whole, "subject": {"type": "robot", "id": "x"}}, "subject.type"),
        ({**whole, "resource": {"type": "car", "id": "x"}}, "resource.type"),
        ({**whole, "context": 1}, "context"),
    ]
    for body, field in wrong:
        answer = await pdp.post("evaluation", body)
        assert (answer.status_code, answer.json()["field"]) == (400, field), answer.text
    unread = await pdp.city.operator.post(
        "/access/v1/evaluation", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert unread.status_code == 400


async def test_evaluation_ignores_properties_and_context_that_it_does_not_know(pdp: Point) -> None:
    asked = pdp.ask(context={"time": "2026-01-01T00:00:00Z"})
    asked["subject"]["properties"] = {"department": "交通"}
    asked["action"]["properties"] = {"method": "GET"}
    assert (await pdp.post("evaluation", asked)).json() == {"decision": True}


async def test_evaluation_echoes_the_identifier_of_the_request(pdp: Point) -> None:
    answer = await pdp.post("evaluation", pdp.ask(), **{"X-Request-ID": "bfe9eb29"})
    assert answer.headers["x-request-id"] == "bfe9eb29"


async def test_evaluation_needs_a_token_and_oversight_or_the_subject_itself(pdp: Point) -> None:
    assert (await pdp.post("evaluation", pdp.ask(), Authorization="")).status_code == 401
    itself = await pdp.city.hub.headers(pdp.login)
    assert (await pdp.post("evaluation", pdp.ask(), **itself)).json() == {"decision": True}
    other = await pdp.headers_for(grant(pdp.city.name, "read"))
    assert (await pdp.post("evaluation", pdp.ask(), **other)).status_code == 403
    auditor = await pdp.headers_for(grant(pdp.city.name, "oversee"))
    assert (await pdp.post("evaluation", pdp.ask(), **auditor)).json() == {"decision": True}
    assert (
        await pdp.post("evaluation", pdp.ask(resource={"type": "tenant", "id": pdp.other}), **auditor)
    ).status_code == 403


async def test_explain_tells_the_grants_and_policies_that_decided(pdp: Point) -> None:
    explained = (await pdp.post("evaluation", pdp.ask(context={"explain": True}))).json()
    assert explained["context"]["reason"] == "granted"
    assert [each["types"] for each in explained["context"]["explain"]["grants"]] == [["Park"]]
    forbid = '@id("closed") forbid (principal, action, resource in Hiroba::Type::"Park");'
    assert (await pdp.city.operator.put(f"/tenants/{pdp.city.name}/policies", json={"text": forbid})).status_code == 200
    denied = (await pdp.post("evaluation", pdp.ask(context={"explain": True}))).json()
    assert (denied["decision"], denied["context"]["reason"]) == (False, "forbidden_by_policy")
    assert denied["context"]["explain"]["policies"] == ["closed"]


async def test_a_level_that_is_not_reached_is_named_with_its_acr(pdp: Point) -> None:
    rules = {"rules": [{"types": ["Park"], "aal": 2}]}
    assert (await pdp.city.operator.put(f"/tenants/{pdp.city.name}/levels", json=rules)).status_code == 204
    denied = (await pdp.post("evaluation", pdp.ask())).json()
    told = {"reason": "insufficient_assurance", "acr_values": "urn:hiroba:acr:ial0:aal2"}
    assert denied == {"decision": False, "context": told}


async def test_a_users_roles_and_a_device_keys_grants_decide_over_them(pdp: Point) -> None:
    user = (
        await pdp.city.operator.post("/users", json={"login": f"yamada@{pdp.city.name}.jp", "tenant": pdp.city.name})
    ).json()["user_id"]
    role = {"role": "viewer", "tenant": pdp.city.name, "user_id": user}
    assert (await pdp.city.operator.post("/roles", json=role)).status_code == 201
    key = {"tenant": pdp.city.name, "grants": [grant(pdp.city.name, "write")]}
    key_id = (await pdp.city.operator.post("/device-keys", json=key)).json()["key_id"]
    resource = {"type": "tenant", "id": pdp.city.name}
    for subject, allowed in (
        ({"type": "user", "id": user}, ["read", "subscribe"]),
        ({"type": "device_key", "id": key_id}, ["write"]),
    ):
        found = (await pdp.post("search/action", {"subject": subject, "resource": resource})).json()
        assert [each["name"] for each in found["results"]] == allowed


async def test_evaluations_take_defaults_from_the_top_and_answer_in_order(pdp: Point) -> None:
    top = pdp.ask()
    body = {
        **top,
        "evaluations": [{}, {"action": {"name": "write"}}, {"resource": {**top["resource"], "id": pdp.other}}],
    }
    answers = (await pdp.post("evaluations", body)).json()["evaluations"]
    assert [each["decision"] for each in answers] == [True, False, False]


@pytest.mark.parametrize("missing", ["absent", "empty"])
async def test_evaluations_without_a_list_are_one_evaluation(pdp: Point, missing: str) -> None:
    body = pdp.ask() if missing == "absent" else {**pdp.ask(), "evaluations": []}
    assert (await pdp.post("evaluations", body)).json() == {"decision": True}


async def test_evaluations_stop_where_their_semantic_says(pdp: Point) -> None:
    yes, no = {"action": READ}, {"action": {"name": "write"}}
    for semantic, wanted in (
        ("execute_all", [True, False, True, False]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ):
        body = {**pdp.ask(), "evaluations": [yes, no, yes, no], "options": {"evaluations_semantic": semantic}}
        answers = (await pdp.post("evaluations", body)).json()["evaluations"]
        assert [each["decision"] for each in answers] == wanted, semantic
    unknown = {**pdp.ask(), "evaluations": [yes], "options": {"evaluations_semantic": "some"}}
    assert (await pdp.post("evaluations", unknown)).status_code == 400


async def test_an_evaluation_that_cannot_be_decided_fails_for_itself(pdp: Point) -> None:
    body = {**pdp.ask(), "evaluations": [{"action": {}}, {}]}
    broken, fine = (await pdp.post("evaluations", body)).json()["evaluations"]
    assert (broken["decision"], broken["context"]["reason"]) == (False, "error")
    assert fine["decision"] is True


async def test_a_subject_search_finds_who_may_page_by_page(pdp: Point) -> None:
    writer = await register(pdp.city.operator, {}, pdp.city.grant("write"))
    body = {**pdp.ask(), "subject": {"type": "client"}}
    whole = (await pdp.post("search/subject", body)).json()
    assert {"type": "client", "id": pdp.login.client_id} in whole["results"]
    assert {"type": "client", "id": writer.client_id} not in whole["results"]
    assert whole["page"] == {"next_token": "", "count": len(whole["results"])}
    token, found = "", []
    for _ in range(100):
        page = (await pdp.post("search/subject", {**body, "page": {"token": token, "limit": 7}})).json()
        found += page["results"]
        token = page["page"]["next_token"]
        if not token:
            break
    assert found == whole["results"]
    users = (await pdp.post("search/subject", {**body, "subject": {"type": "user"}})).json()
    assert pdp.login.client_id not in [each["id"] for each in users["results"]]


async def test_a_resource_search_finds_where_the_subject_may(pdp: Point) -> None:
    body = pdp.ask()
    body["resource"] = {"type": "tenant", "properties": {"entity_type": "Park"}}
    assert (await pdp.post("search/resource", body)).json() == {
        "results": [{"type": "tenant", "id": pdp.city.name}],
        "page": {"next_token": "", "count": 1},
    }
    stranger = await pdp.headers_for(grant(pdp.other, "admin"))
    assert (await pdp.post("search/resource", body, **stranger)).json()["results"] == []


async def test_an_action_search_finds_what_the_subject_may_do(pdp: Point) -> None:
    body = pdp.ask()
    del body["action"]
    found = (await pdp.post("search/action", body)).json()
    assert found["results"] == [{"name": "read"}, {"name": "subscribe"}]


async def test_searches_refuse_a_request_without_what_they_take(pdp: Point) -> None:
    whole = pdp.ask()
    for path, body, field in (
        ("subject", {**whole, "subject": {}}, "subject.type"),
        ("subject", {**whole, "subject": {"type": "robot"}}, "subject.type"),
        ("subject", {**whole, "resource": {"type": "tenant"}}, "resource.id"),
        ("resource", {**whole, "subject": {"type": "client"}}, "subject.id"),
        ("resource", {**whole, "resource": {}}, "resource.type"),
        ("action", {"subject": whole["subject"]}, "resource"),
        ("subject", {**whole, "page": {"token": "x"}}, "page.token"),
    ):
        answer = await pdp.post(f"search/{path}", body)
        assert (answer.status_code, answer.json()["field"]) == (400, field), (path, answer.text)
