"""Users, organisations and roles over HTTP, and signing in with a password."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.auth.main import create_api
from services.auth.operations.auth import Auth
from services.auth.operations.people import authenticate_user, grants_of
from services.auth.settings import AuthSettings
from services.kernel.errors import NotAuthenticated
from services.kernel.identity import Grant
from tests.integration.auth.conftest import Guarded
from tests.support.auth import grant

PASSWORD = "correct horse battery"


@pytest.fixture
async def auth(settings: AuthSettings, guarded: Guarded) -> AsyncIterator[Auth]:
    """The use cases' means, on the database of the running service."""
    made: Auth = create_api(settings).state.auth
    yield made
    made.hashes.close()
    await made.engine.dispose()


async def _user(guarded: Guarded, login: str = "yamada@example.jp", **more: Any) -> dict[str, Any]:
    body = {"login": login, "tenant": "takamatsu", "password": PASSWORD, **more}
    answer = await guarded.client.post("/users", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture(autouse=True)
async def cities(guarded: Guarded) -> None:
    for name, parent in (("kagawa", None), ("takamatsu", "kagawa"), ("marugame", "kagawa")):
        await guarded.client.put(f"/tenants/{name}", json={"parent": parent})


async def test_a_user_signs_in_with_the_password_and_with_no_other(guarded: Guarded, auth: Auth) -> None:
    made = await _user(guarded, ial=2)
    assert "password" not in str(made).replace("password_changed_at", "")
    assert (await authenticate_user(auth, "YAMADA@example.jp", PASSWORD)).user_id == made["user_id"]
    for login, password in (("yamada@example.jp", PASSWORD + "x"), ("sato@example.jp", PASSWORD), ("!", "")):
        with pytest.raises(NotAuthenticated):
            await authenticate_user(auth, login, password)


async def test_five_wrong_passwords_lock_the_right_one_out_too(guarded: Guarded, auth: Auth) -> None:
    made = await _user(guarded)
    for _ in range(5):
        with pytest.raises(NotAuthenticated):
            await authenticate_user(auth, made["login"], "wrong password")
    with pytest.raises(NotAuthenticated):
        await authenticate_user(auth, made["login"], PASSWORD)
    shown = (await guarded.client.get(f"/users/{made['user_id']}")).json()
    assert shown["failures"] == 5
    left = datetime.fromisoformat(shown["locked_until"]) - datetime.now(UTC)
    assert timedelta(0) < left <= timedelta(minutes=1)
    changed = await guarded.client.patch(f"/users/{made['user_id']}", json={"password": PASSWORD + " anew"})
    assert (changed.status_code, changed.json()["locked_until"]) == (200, None)
    assert (await authenticate_user(auth, made["login"], PASSWORD + " anew")).failures == 0


async def test_guesses_at_once_are_all_counted(guarded: Guarded, auth: Auth) -> None:
    made = await _user(guarded)
    tries = [authenticate_user(auth, made["login"], f"wrong {number}") for number in range(8)]
    assert all(isinstance(each, NotAuthenticated) for each in await asyncio.gather(*tries, return_exceptions=True))
    assert (await guarded.client.get(f"/users/{made['user_id']}")).json()["failures"] >= 5


async def test_a_suspended_user_does_not_sign_in_and_a_deleted_one_is_gone(guarded: Guarded, auth: Auth) -> None:
    made = await _user(guarded)
    path = f"/users/{made['user_id']}"
    assert (await guarded.client.patch(path, json={"status": "suspended"})).status_code == 200
    with pytest.raises(NotAuthenticated):
        await authenticate_user(auth, made["login"], PASSWORD)
    assert (await guarded.client.delete(path)).status_code == 204
    assert (await guarded.client.get(path)).status_code == 404
    assert (await guarded.client.get("/feed/policies")).json()["changes"][-1]["subject"] == made["user_id"]


async def test_roles_reach_down_from_their_node_and_come_through_organisations(guarded: Guarded, auth: Auth) -> None:
    made = await _user(guarded)
    user_id = made["user_id"]
    assert await grants_of(auth, user_id) == ()
    bound = await guarded.client.post("/roles", json={"role": "viewer", "tenant": "kagawa", "user_id": user_id})
    assert bound.status_code == 201
    team = {"tenant": "takamatsu", "title": "危機管理課"}
    organisation = (await guarded.client.post("/organisations", json=team)).json()["organisation_id"]
    body = {"role": "editor", "tenant": "takamatsu", "organisation_id": organisation}
    assert (await guarded.client.post("/roles", json=body)).status_code == 201
    assert [each.tenant for each in await grants_of(auth, user_id)] == ["kagawa/#"]
    joined = await guarded.client.put(f"/organisations/{organisation}/members/{user_id}")
    assert joined.status_code == 204
    assert Grant("kagawa/#", ("read", "subscribe")) in await grants_of(auth, user_id)
    assert [each.tenant for each in await grants_of(auth, user_id)] == ["kagawa/#", "takamatsu/#"]
    assert (await guarded.client.delete(f"/roles/{bound.json()['binding_id']}")).status_code == 204
    assert [each.tenant for each in await grants_of(auth, user_id)] == ["takamatsu/#"]
    past = {"role": "auditor", "tenant": "takamatsu", "user_id": user_id, "valid_until": "2020-01-01T00:00:00Z"}
    await guarded.client.post("/roles", json=past)
    assert [each.tenant for each in await grants_of(auth, user_id)] == ["takamatsu/#"]


async def test_a_tenants_administrator_reaches_its_own_people_and_node_alone(guarded: Guarded) -> None:
    own = await guarded.headers_for(grant("takamatsu", "admin"))
    stranger = await _user(guarded, "sato@example.jp", tenant="marugame")
    staff = await _user(guarded, "operator@example.jp", tenant=None)
    made = await guarded.client.post("/users", json={"login": "mine", "tenant": "takamatsu"}, headers=own)
    assert made.status_code == 201
    listed = (await guarded.client.get("/users", headers=own)).json()
    assert [each["login"] for each in listed["users"]] == ["mine"]
    for other in (stranger, staff):
        path = f"/users/{other['user_id']}"
        for method in ("GET", "DELETE"):
            assert (await guarded.client.request(method, path, headers=own)).status_code == 404
        assert (await guarded.client.patch(path, json={"ial": 3}, headers=own)).status_code == 404
    user_id = made.json()["user_id"]
    for tenant in ("marugame", "kagawa", None):
        body = {"role": "viewer", "tenant": tenant, "user_id": user_id}
        assert (await guarded.client.post("/roles", json=body, headers=own)).status_code == 403
        assert (
            await guarded.client.post("/users", json={"login": "x12", "tenant": tenant}, headers=own)
        ).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"login": "a b", "tenant": "takamatsu"}, "login"),
        ({"login": "sato", "tenant": "nobody"}, "tenant"),
        ({"login": "sato", "password": "short"}, "password"),
        ({"login": "sato", "ial": 4}, "ial"),
        ({"login": "sato", "failures": 0}, "failures"),
        ({"login": "sato", "user_id": "u-1"}, "user_id"),
    ],
)
async def test_a_bad_user_is_refused_by_the_field(guarded: Guarded, body: dict[str, Any], field: str) -> None:
    answer = await guarded.client.post("/users", json=body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)


async def test_a_login_is_taken_once(guarded: Guarded) -> None:
    await _user(guarded)
    answer = await guarded.client.post("/users", json={"login": "Yamada@example.jp", "tenant": "marugame"})
    assert (answer.status_code, answer.json()["field"]) == (409, "login")


async def test_an_organisation_is_listed_left_and_deleted_with_its_roles(guarded: Guarded, auth: Auth) -> None:
    user_id = (await _user(guarded))["user_id"]
    made = await guarded.client.post("/organisations", json={"tenant": "takamatsu", "title": "危機管理課"})
    path = f"/organisations/{made.json()['organisation_id']}"
    await guarded.client.put(f"{path}/members/{user_id}")
    role = {"role": "editor", "tenant": "takamatsu", "organisation_id": made.json()["organisation_id"]}
    assert (await guarded.client.post("/roles", json=role)).status_code == 201
    listed = (await guarded.client.get("/organisations")).json()["organisations"]
    assert [(each["title"], each["members"]) for each in listed] == [("危機管理課", [user_id])]
    stranger = await guarded.headers_for(grant("marugame", "admin"))
    assert (await guarded.client.get("/organisations", headers=stranger)).json()["total"] == 0
    for address in (path, f"{path}/members/{user_id}"):
        assert (await guarded.client.delete(address, headers=stranger)).status_code == 404
    assert len(await grants_of(auth, user_id)) == 1
    assert (await guarded.client.delete(f"{path}/members/{user_id}")).status_code == 204
    assert await grants_of(auth, user_id) == ()
    await guarded.client.put(f"{path}/members/{user_id}")
    assert (await guarded.client.delete(path)).status_code == 204
    assert await grants_of(auth, user_id) == ()
    assert (await guarded.client.delete(path)).status_code == 404
    assert (await guarded.client.get("/feed/policies")).json()["changes"][-1]["subject"] == user_id
