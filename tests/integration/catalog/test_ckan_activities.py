"""CKAN's actions about what happened and about people: who is told what, with real tokens."""

from collections.abc import Mapping
from typing import Any

import httpx

from tests.integration.catalog.test_access import Guarded, _until_known, guarded
from tests.integration.catalog.test_datasets import PARKS
from tests.support.auth import grant

__all__ = ["guarded"]
API = "/api/3/action"
TOWN = "takamatsu"
ALL_LISTS: Mapping[str, str | None] = {
    "package_activity_list": "parks",
    "organization_activity_list": TOWN,
    "group_activity_list": "envi",
    "recently_changed_packages_activity_list": None,
}


class Visitor:
    """Somebody who calls actions, perhaps with a token."""

    def __init__(self, client: httpx.AsyncClient, headers: Mapping[str, str] | None = None) -> None:
        self._client = client
        self._headers = dict(headers or {})

    async def ask(self, action: str, **parameters: Any) -> Any:
        """Return the result of an action."""
        answer = await self._client.post(f"{API}/{action}", json=parameters, headers=self._headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    async def refused(self, action: str, **parameters: Any) -> tuple[int, str]:
        """Return the status and kind of a refusal."""
        answer = await self._client.post(f"{API}/{action}", json=parameters, headers=self._headers)
        return answer.status_code, answer.json()["error"]["__type"]


async def _published_twice(guarded: Guarded, headers: Mapping[str, str]) -> None:
    parks = {**PARKS, "name": "parks", "titles": {"ja": "公園"}}
    restricted = {**PARKS, "name": "inner", "access": "restricted"}
    change = {"titles": {"ja": "公園と緑地"}}
    for method, path, document in (
        ("POST", "/datasets", parks),
        ("PATCH", "/datasets/parks", change),
        ("POST", "/datasets", restricted),
    ):
        (await guarded.catalog.request(method, path, json=document, headers={**headers})).raise_for_status()


async def test_what_happened_is_told_to_all_and_who_did_it_to_few(guarded: Guarded) -> None:
    await _until_known(guarded, TOWN)
    token = await guarded.token(grant(TOWN, "publish"))
    await _published_twice(guarded, {**token, "Fiware-Service": TOWN})
    public, editor = Visitor(guarded.catalog), Visitor(guarded.catalog, token)
    other = Visitor(guarded.catalog, await guarded.token(grant("fukui", "publish")))
    oneself = await editor.ask("user_show")

    for action, id_ in ALL_LISTS.items():
        named = {} if id_ is None else {"id": id_}
        told = await public.ask(action, **named)
        seen = [(each["activity_type"], each["data"]["package"]["title"], each["user_id"]) for each in told]
        assert seen == [("changed package", "公園と緑地", None), ("new package", "公園", None)], action
        assert {each["user_id"] for each in await other.ask(action, **named)} == {None}
        mine = await editor.ask(action, **named)
        assert {each["user_id"] for each in mine} == {oneself["id"]} == {each["data"]["actor"] for each in mine}
    assert await public.ask("package_activity_list", id="parks", limit=1, offset=1) == [told[1]]
    (new,) = await public.ask("recently_changed_packages_activity_list", exclude_activity_types=["changed package"])
    assert new == told[1]
    assert await public.ask("package_activity_list", id="parks", after=told[1]["timestamp"]) == [told[0]]
    assert await public.ask("package_activity_list", id="parks", before=told[1]["timestamp"]) == []
    assert await public.ask("package_activity_list", id="parks", activity_types=["deleted package"]) == []

    whole = await public.ask("activity_show", id=told[1]["id"])
    assert (whole["data"]["package"]["title"], whole["data"]["package"]["num_resources"]) == ("公園", 1)
    assert await public.ask("activity_show", id=told[1]["id"], include_data=False) == told[1]
    assert [each["id"] for each in await editor.ask("user_activity_list", id=oneself["id"])][-1] == told[1]["id"]
    for wrong in ("x", "x.1", told[1]["id"] + "9", told[1]["object_id"] + ".0"):
        assert await public.refused("activity_show", id=wrong) == (404, "Not Found Error")
    for action in ("package_activity_list", "organization_activity_list", "group_activity_list", "member_list"):
        assert await public.refused(action, id="nothing") == (404, "Not Found Error")
    assert await public.refused("package_activity_list", id="inner") == (404, "Not Found Error")
    assert await public.refused("package_activity_list", id="parks", after="soon") == (409, "Validation Error")
    members = [[told[0]["object_id"], "package", "public"]]
    assert await public.ask("member_list", id=TOWN) == members == await public.ask("member_list", id="envi")
    assert await public.refused("member_list", id=TOWN, object_type="user") == (403, "Authorization Error")


async def test_people_are_shown_to_themselves_and_to_those_who_administer_them(guarded: Guarded) -> None:
    login = "hanako@takamatsu.example.jp"
    person = (await guarded.auth.post("/users", json={"login": login, "tenant": TOWN, "name": "花子"})).json()[
        "user_id"
    ]
    public = Visitor(guarded.catalog)
    editor = Visitor(guarded.catalog, await guarded.token(grant(TOWN, "publish")))
    administrator = Visitor(guarded.catalog, {"Authorization": guarded.auth.headers["Authorization"]})
    for action in ("user_show", "user_list", "user_activity_list"):
        assert await public.refused(action, id=person) == (403, "Authorization Error")
    assert await editor.refused("user_show", id=person) == (403, "Authorization Error")
    assert await editor.refused("user_show", id="../tenants") == (403, "Authorization Error")
    assert await editor.refused("user_activity_list", id=person) == (403, "Authorization Error")
    oneself = await editor.ask("user_show")
    assert await editor.ask("user_show", id=oneself["id"]) == oneself
    assert (oneself["sysadmin"], await editor.ask("user_list")) == (False, [oneself])
    shown = await administrator.ask("user_show", id=person)
    assert (shown["name"], shown["display_name"], shown["state"]) == (login, "花子", "active")
    assert shown in await administrator.ask("user_list", q="花子")
    assert login in await administrator.ask("user_list", all_fields=False)
    assert (await administrator.ask("user_show"))["sysadmin"] is True
