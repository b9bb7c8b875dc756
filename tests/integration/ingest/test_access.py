"""Who may do what in ingest, and that no tenant reaches another's devices, letters and runs."""

import time
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from services.kernel.identity import TokenVerifier
from tests.support.ingest import GROUP, HEADERS, gauge, running_ingest
from tests.support.ngsild_peer import NgsildPeer

ISSUER = "http://auth.test"
KEY = ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
PARK = "#property,latitude,longitude,name,address,telephoneNumber,referenceObject,note\n1,34.3,134.0,A公園,B,,,\n"


async def _keys() -> Mapping[str, Any]:
    return {"keys": [KEY.as_dict(private=False)]}


def _bearer(*grants: Mapping[str, Any]) -> dict[str, str]:
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": "c", "client_id": "c", "aud": "hiroba", "iat": now, "exp": now + 600}
    token = jwt.encode({"alg": "ES256", "kid": "one", "typ": "at+jwt"}, {**claims, "grants": list(grants)}, KEY)
    return {"Authorization": f"Bearer {token}"}


def _grant(tenant: str, action: str, path: str = "/#", types: tuple[str, ...] = ("*",)) -> Mapping[str, Any]:
    return {"tenant": tenant, "path": path, "types": list(types), "actions": [action]}


def _verifier() -> TokenVerifier:
    return TokenVerifier(ISSUER, ISSUER, is_open=False, keys=_keys)


async def test_provisioning_needs_a_grant_for_the_tenant_and_the_path(database_url: str, peer: NgsildPeer) -> None:
    async with running_ingest(database_url, broker_url=peer.url, verifier=_verifier()) as bench:
        body = {"groups": [dict(GROUP)]}
        for grants, status, name in (
            (None, 401, "AUTHENTICATION_ERROR"),
            ([_grant("fukui", "write")], 403, "ACCESS_FORBIDDEN"),
            ([_grant("other", "provision")], 403, "ACCESS_FORBIDDEN"),
            ([_grant("fukui", "provision", "/a/#")], 403, "ACCESS_FORBIDDEN"),
            ([_grant("fukui", "provision")], 201, None),
        ):
            headers = {**HEADERS, **(_bearer(*grants) if grants is not None else {})}
            answer = await bench.client.post("/iot/groups", json=body, headers=headers)
            assert (answer.status_code, answer.json().get("name")) == (status, name)
        limited = {**HEADERS, "fiware-servicepath": "/*", **_bearer(_grant("fukui", "provision", "/a/#"))}
        assert (await bench.client.get("/iot/groups", headers=limited)).status_code == 403


async def test_measures_are_taken_by_api_key_and_not_by_token(database_url: str, peer: NgsildPeer) -> None:
    async with running_ingest(database_url, broker_url=peer.url, verifier=_verifier()) as bench:
        headers = {**HEADERS, **_bearer(_grant("fukui", "provision"))}
        await bench.client.post("/iot/groups", json={"groups": [dict(GROUP)]}, headers=headers)
        await bench.client.post("/iot/devices", json={"devices": [gauge(1)]}, headers=headers)
        assert (await bench.send("gauge-1", {"level": 1})).status_code == 200


async def test_imports_need_a_grant_to_write_that_type(database_url: str, peer: NgsildPeer) -> None:
    async with running_ingest(database_url, broker_url=peer.url, verifier=_verifier()) as bench:
        for grants, status in (
            (None, 401),
            ([_grant("fukui", "provision")], 403),
            ([_grant("fukui", "write", types=("AED",))], 403),
            ([_grant("other", "write")], 403),
            ([_grant("fukui", "write", types=("Park",))], 201),
        ):
            headers = {"Fiware-Service": "fukui", "Content-Type": "text/csv"}
            headers.update(_bearer(*grants) if grants is not None else {})
            assert (await bench.client.post("/imports", content=PARK, headers=headers)).status_code == status


async def test_runs_mappings_connectors_and_exports_need_grants_of_their_own(
    database_url: str, peer: NgsildPeer
) -> None:
    async with running_ingest(database_url, broker_url=peer.url, verifier=_verifier()) as bench:
        place = {"Fiware-Service": "fukui"}
        parks = {**place, **_bearer(_grant("fukui", "write", types=("Park",)))}
        run = (await bench.client.post("/imports", content=PARK, headers={**parks, "Content-Type": "text/csv"})).json()
        mapping = {"type": "Park", "recognised_by": ["a"], "attributes": [{"name": "x", "columns": ["a"]}]}
        connector = {"url": "https://example.jp/a", "schedule": {"every_s": 60}, "type": "Park", "is_active": False}
        provision, write = _grant("fukui", "provision"), _grant("fukui", "write", types=("Park",))
        read, aeds = _grant("fukui", "read", types=("Park",)), _grant("fukui", "write", types=("AED",))
        abroad = _grant("other", "write"), _grant("other", "read"), _grant("other", "provision")
        for method, path, body, grants, status in (
            ("GET", f"/imports/{run['id']}", None, [write], 200),
            ("GET", f"/imports/{run['id']}/refused", None, [write], 200),
            ("GET", f"/imports/{run['id']}/refused.csv", None, [aeds], 403),
            ("POST", f"/imports/{run['id']}/stop", None, [aeds], 403),
            ("GET", f"/imports/{run['id']}", None, abroad, 403),
            ("GET", "/imports", None, abroad, 403),
            ("PUT", "/imports/mappings/mine", mapping, [write], 403),
            ("PUT", "/imports/mappings/mine", mapping, abroad, 403),
            ("PUT", "/imports/mappings/mine", mapping, [provision], 201),
            ("GET", "/imports/mappings/mine", None, [read], 200),
            ("GET", "/imports/mappings/mine", None, abroad, 404),
            ("DELETE", "/imports/mappings/mine", None, abroad, 403),
            ("PUT", "/connectors/mine", connector, [provision], 403),
            ("PUT", "/connectors/mine", connector, [write], 403),
            ("PUT", "/connectors/mine", connector, [provision, write], 201),
            ("GET", "/connectors/mine", None, abroad, 403),
            ("POST", "/connectors/mine/run", None, abroad, 403),
            ("DELETE", "/connectors/mine", None, abroad, 403),
            ("GET", "/connectors", None, [write], 403),
            ("GET", "/exports/mappings/park", None, [write], 403),
            ("GET", "/exports/mappings/park", None, abroad, 403),
            ("GET", f"/exports/runs/{run['id']}", None, abroad, 403),
            ("GET", f"/exports/runs/{run['id']}", None, [aeds], 403),
        ):
            answer = await bench.client.request(method, path, json=body, headers={**place, **_bearer(*grants)})
            assert (method, path, answer.status_code) == (method, path, status), answer.text
            assert (await bench.client.request(method, path, json=body, headers=place)).status_code == 401


async def test_letters_are_shown_to_their_tenant_and_the_rest_to_who_may_see_all(
    database_url: str, peer: NgsildPeer
) -> None:
    async with running_ingest(database_url, broker_url=peer.url, verifier=_verifier()) as bench:
        mine, all_of_them = _bearer(_grant("fukui", "provision")), _bearer(_grant("*", "provision"))
        other = _bearer(_grant("other", "provision"))
        await bench.client.post("/iot/groups", json={"groups": [dict(GROUP)]}, headers={**HEADERS, **mine})
        await bench.send("gauge-9", {"level": 1})
        await bench.send("gauge-9", {"level": 1}, apikey="nobody")
        listed = (await bench.client.get("/dead-letters", headers=all_of_them)).json()
        own = (await bench.client.get("/dead-letters?tenant=fukui", headers=mine)).json()
        assert (listed["count"], own["count"]) == (2, 1)
        number = own["letters"][0]["id"]
        for headers, query, status in ((mine, "", 403), (other, "?tenant=fukui", 403), (other, "?tenant=other", 404)):
            for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/replay")):
                answer = await bench.client.request(method, f"/dead-letters/{number}{path}{query}", headers=headers)
                assert answer.status_code == status
        assert (await bench.client.get("/dead-letters", headers=mine)).status_code == 403


async def test_another_tenants_devices_cannot_be_read_changed_or_removed(database_url: str, peer: NgsildPeer) -> None:
    async with running_ingest(database_url, broker_url=peer.url) as bench:
        await bench.provision(1)
        other = {**HEADERS, "fiware-service": "other"}
        await bench.client.post("/iot/devices", json={"devices": [{"device_id": "x"}]}, headers=other)
        which = {"resource": "/iot/json", "apikey": "rivers"}
        for method, path, body in (
            ("GET", "/iot/devices/gauge-1", None),
            ("PUT", "/iot/devices/gauge-1", {"timezone": "UTC"}),
            ("DELETE", "/iot/devices/gauge-1", None),
            ("POST", "/iot/op/delete", [{"deviceId": "gauge-1"}]),
            ("PUT", "/iot/groups", {"entity_type": "Stolen"}),
            ("DELETE", "/iot/groups", None),
        ):
            parameters = which if path == "/iot/groups" else None
            answer = await bench.client.request(method, path, params=parameters, json=body, headers=other)
            assert answer.status_code == 404
        assert (await bench.client.get("/iot/devices", headers=other)).json()["count"] == 1
        assert (await bench.client.get("/iot/groups", headers=other)).json()["count"] == 0
        assert (await bench.client.get("/iot/devices/gauge-1", headers=HEADERS)).json()["device_id"] == "gauge-1"


async def test_commands_and_assets_need_a_grant_in_the_tenant(database_url: str, peer: NgsildPeer) -> None:
    async with running_ingest(database_url, broker_url=peer.url, verifier=_verifier()) as bench:
        body = {"actionType": "update", "entities": [{"id": "urn:ngsi-ld:Lamp:1", "on": {"value": 1}}]}
        for grants, status in (
            (None, 401),
            ([_grant("other", "write")], 403),
            ([_grant("fukui", "read")], 403),
            ([_grant("fukui", "write")], 404),
        ):
            headers = {**HEADERS, **(_bearer(*grants) if grants is not None else {})}
            answer = await bench.client.post("/v2/op/update", json=body, headers=headers)
            assert answer.status_code == status, answer.text
        for grants, status in (
            (None, 401),
            ([_grant("other", "provision")], 403),
            ([_grant("fukui", "provision")], 200),
        ):
            headers = {**HEADERS, **(_bearer(*grants) if grants is not None else {})}
            assert (await bench.client.get("/assets", headers=headers)).status_code == status
