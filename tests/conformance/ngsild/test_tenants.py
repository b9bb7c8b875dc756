"""Tenants (4.14, 6.3.14), and who they are to other context sources (5.15)."""

import httpx
import pytest

from tests.support.shared_broker import new_tenant


@pytest.mark.clause("4.14", "6.3.14")
async def test_a_tenants_name_may_have_a_hyphen(broker: httpx.AsyncClient) -> None:
    tenant = {"NGSILD-Tenant": f"{new_tenant()}-east"}
    assert (await broker.get("entities?type=Gauge", headers=tenant)).status_code == 404
    answer = await broker.post("entities", json={"id": "urn:g:1", "type": "Gauge"}, headers=tenant)
    assert (answer.status_code, answer.headers["ngsild-tenant"]) == (201, tenant["NGSILD-Tenant"])
    assert len((await broker.get("entities?type=Gauge", headers=tenant)).json()) == 1
    assert (await broker.get("entities?type=Gauge")).json() == []


@pytest.mark.clause("4.14")
@pytest.mark.parametrize("name", ["-east", "a/b", "a" * 51, "a b", "高松".encode(), "default-tenant"])
async def test_a_name_that_no_tenant_can_have_is_refused(broker: httpx.AsyncClient, name: str) -> None:
    answer = await broker.get("entities?type=Gauge", headers={"NGSILD-Tenant": name})
    assert (answer.status_code, answer.json()["field"]) == (400, "NGSILD-Tenant")


@pytest.mark.clause("5.15.1", "5.2.40")
async def test_each_tenant_has_an_alias_of_its_own_which_stays(broker: httpx.AsyncClient) -> None:
    async def alias(tenant: str) -> str:
        answer = await broker.get("info/sourceIdentity", headers={"NGSILD-Tenant": tenant})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["contextSourceAlias"])

    found = [await alias(tenant) for tenant in ("", "a-1", "b-1", "a-1")]
    assert found[1] == found[3]
    assert len(set(found)) == 3
