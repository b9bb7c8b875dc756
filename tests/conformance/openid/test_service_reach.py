"""A person who acts through the client of a provided service reaches what both may reach (サービスマネジメント)."""

from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.auth.domain.provided_service import CHECKLIST
from tests.conformance.openid.conftest import Provider
from tests.support.auth import ask_token, grant, register
from tests.support.openid import App

pytestmark = pytest.mark.asyncio(loop_scope="module")
EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
}
SCOPE = "openid read write admin"


@pytest_asyncio.fixture(loop_scope="module")
async def operator(provider: Provider) -> httpx.AsyncClient:
    """The administrator, in a town where the person is an editor and two services are active: /bus and /walk."""
    hub = httpx.AsyncClient(transport=provider.hub._transport, base_url=provider.hub.base_url, headers=provider.headers)
    role = {"role": "editor", "tenant": "takamatsu", "user_id": provider.user["user_id"]}
    assert (await hub.post("/roles", json=role)).status_code == 201
    made = await hub.post("/organisations", json={"tenant": "takamatsu", "title": "事業者"})
    for name in ("bus", "walk"):
        body = {"service_id": f"the-{name}", "tenant": "takamatsu", "provider": made.json()["organisation_id"]}
        body |= {"title": "運行情報", "area": f"/{name}", "storage": "internal", "purposes": ["timetable"]}
        assert (await hub.post("/services", json=body)).status_code == 201
        for step in ({"status": "approved", "checklist": dict.fromkeys(CHECKLIST, True)}, {"status": "active"}):
            assert (await hub.post(f"/services/the-{name}/status", json=step)).status_code == 200
    agreed = {"user_service": "the-bus", "actions": ["read"], "types": ["Path"]}
    assert (await hub.post("/services/the-walk/agreements", json=agreed)).status_code == 201
    return hub


def _reach(claims: dict[str, Any]) -> set[tuple[str, ...]]:
    return {(each["tenant"], each["path"], *each["types"], *sorted(each["actions"])) for each in claims["grants"]}


async def test_a_persons_token_is_cut_to_the_service_of_its_client(
    provider: Provider, operator: httpx.AsyncClient
) -> None:
    within_both = {("takamatsu", "/bus/#", "*", "read", "write"), ("takamatsu", "/walk/#", "Path", "read")}
    grant_types = ["authorization_code", EXCHANGE["grant_type"]]
    own, elsewhere = await provider.app(tenant="takamatsu", grant_types=grant_types), await provider.app()
    whole = await provider.tokens(own, scope=SCOPE)
    assert _reach(await provider.claims(whole["access_token"])) == {("takamatsu/#", "/#", "*", "read", "write")}
    missing = await operator.put(f"/services/the-bus/clients/{elsewhere.client_id}")
    assert missing.status_code == 404, "the application of another tenant"
    for _ in range(2):
        assert (await operator.put(f"/services/the-bus/clients/{own.client_id}")).status_code == 204
    assert (await operator.put(f"/services/the-walk/clients/{own.client_id}")).status_code == 409
    cut = await provider.claims((await provider.tokens(own, scope=SCOPE))["access_token"])
    assert _reach(cut) == within_both
    assert cut["svc"]["id"] == "the-bus"
    await _exchanged_is_cut_too(provider, operator, own, within_both)
    await _decisions_tell_the_reason(operator, provider.user["user_id"], own)


async def _exchanged_is_cut_too(
    provider: Provider, operator: httpx.AsyncClient, app: App, reach: set[tuple[str, ...]]
) -> None:
    """A token of an application beside every service, in the hands of a service's client; and one of a program."""
    program = await register(operator, {}, grant("takamatsu", "read", path="/bus/line1"), grant("takamatsu", "publish"))
    tokens = (
        ((await provider.tokens(await provider.app(), scope=SCOPE))["access_token"], reach),
        (
            (await ask_token(operator, program)).json()["access_token"],
            {("takamatsu", "/bus/line1", "*", "read"), ("takamatsu", "/bus/#", "*", "publish")},
        ),
    )
    for token, left in tokens:
        answer = await app.token(**EXCHANGE, subject_token=token)
        assert answer.status_code == 200, answer.text
        assert _reach(await provider.claims(answer.json()["access_token"])) == left


async def _decisions_tell_the_reason(operator: httpx.AsyncClient, user_id: str, app: App) -> None:
    async def ask(action: str, path: str, **subject: str) -> dict[str, Any]:
        asked = {
            "subject": {"type": "user", "id": user_id, "properties": subject},
            "action": {"name": action},
            "resource": {"type": "tenant", "id": "takamatsu", "properties": {"service_path": path}},
            "context": {"explain": True},
        }
        answer = await operator.post("/access/v1/evaluation", json=asked)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    through = {"client_id": app.client_id}
    assert (await ask("write", "/parks"))["decision"]
    assert (await ask("write", "/bus/line1", **through))["context"]["explain"]["grants"] != []
    refused = await ask("write", "/parks", **through)
    assert (refused["decision"], refused["context"]["reason"]) == (False, "beyond_service")
    assert (await ask("admin", "/bus", **through))["context"]["reason"] == "not_granted"
    assert (await ask("read", "/bus", client_id="nobody"))["context"]["reason"] == "unknown_subject"
