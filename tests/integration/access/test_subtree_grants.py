"""Grants over a subtree of tenants: downwards as far as each tenant lets them, never upwards."""

from collections.abc import Callable
from typing import Any

from tests.integration.access.conftest import City
from tests.support.auth import register
from tests.support.patience import until

PARK = {"id": "park-1", "type": "Park", "name": {"value": "中央公園"}}


async def _fill(city: City) -> None:
    master = await city.client(await city.hub.headers())
    assert (await master.post("/v2/entities", json=PARK)).status_code == 201


async def test_a_prefecture_reads_a_member_only_as_far_as_the_member_lets_it(new_city: Callable[..., Any]) -> None:
    prefecture: City = await new_city()
    member: City = await new_city(parent=prefecture.name)
    stranger: City = await new_city()
    for city in (prefecture, member, stranger):
        await _fill(city)
    grant = {"tenant": f"{prefecture.name}/#", "actions": ["read", "write"]}
    headers = await prefecture.hub.headers(await register(prefecture.operator, {}, grant))
    own, below, beside = [await city.client(headers) for city in (prefecture, member, stranger)]
    assert len((await own.get("/v2/entities")).json()) == 1
    assert (await below.get("/v2/entities")).status_code == 403
    await member.put(inherits=["read"])
    assert len((await below.get("/v2/entities")).json()) == 1
    assert (await below.post("/v2/entities", json={**PARK, "id": "park-2"})).status_code == 403
    assert (await beside.get("/v2/entities")).status_code == 403
    await member.put(inherits=None)
    assert (await below.get("/v2/entities")).status_code == 403


async def test_nothing_reaches_upwards(new_city: Callable[..., Any]) -> None:
    prefecture: City = await new_city(inherits=["read"])
    member: City = await new_city(parent=prefecture.name)
    await _fill(prefecture)
    grant = {"tenant": f"{member.name}/#", "actions": ["*"]}
    headers = await prefecture.hub.headers(await register(prefecture.operator, {}, grant))
    assert (await (await prefecture.client(headers)).get("/v2/entities")).status_code == 403


async def test_who_leaves_the_tree_is_out_of_reach_before_tokens_end(new_city: Callable[..., Any]) -> None:
    prefecture: City = await new_city()
    member: City = await new_city(parent=prefecture.name, inherits=["read"])
    await _fill(member)
    grant = {"tenant": f"{prefecture.name}/#", "actions": ["read"], "types": ["Park"]}
    headers = await prefecture.hub.headers(await register(prefecture.operator, {}, grant))
    client = await member.client(headers)
    assert len((await client.get("/v2/entities")).json()) == 1
    await member.operator.patch(f"/tenants/{member.name}", json={"parent": None})

    async def is_refused() -> bool:
        return (await client.get("/v2/entities")).status_code == 403

    await until(is_refused, 60)
