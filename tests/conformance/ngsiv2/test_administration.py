"""/statistics, /admin/metrics, /admin/log, /log/trace: what Orion's users read and set."""

from typing import Any

import httpx
import pytest

from tests.support.receiver import receiving

ENTITY = {"id": "room1", "type": "Room", "t": {"value": 1}}


async def test_transactions_are_counted_by_tenant_and_service_path(v2: httpx.AsyncClient) -> None:
    await v2.post("/v2/entities", json=ENTITY)
    await v2.get("/v2/entities/none")
    await v2.get("/v2/entities", headers={"fiware-servicepath": "/gardens/north/#"})
    metrics = (await v2.get("/admin/metrics")).json()
    service = metrics["services"][v2.headers["fiware-service"]]
    root, north = service["subservs"]["root-subserv"], service["subservs"]["gardens/north"]
    assert (root["incomingTransactions"], root["incomingTransactionErrors"]) == (2, 1)
    assert root["incomingTransactionRequestSize"] > 0
    assert root["incomingTransactionResponseSize"] > 0
    assert north["incomingTransactions"] == 1
    assert "incomingTransactionErrors" not in north
    assert service["sum"]["incomingTransactions"] == 3
    assert service["sum"]["serviceTime"] > 0
    assert metrics["sum"]["sum"]["incomingTransactions"] >= 3


async def test_the_default_tenant_has_a_name_in_metrics(default_tenant: httpx.AsyncClient) -> None:
    await default_tenant.get("/v2/entities")
    metrics = (await default_tenant.get("/admin/metrics?reset=true")).json()
    assert metrics["services"]["default-service"]["subservs"]["root-subserv"]["incomingTransactions"] == 1
    again = (await default_tenant.get("/admin/metrics")).json()
    assert again["sum"]["sum"]["incomingTransactions"] == 1
    assert (await default_tenant.delete("/admin/metrics")).status_code == 204


async def test_requests_with_malformed_names_are_not_in_metrics(default_tenant: httpx.AsyncClient) -> None:
    await default_tenant.get("/v2/entities", headers={"fiware-service": "a-b"})
    await default_tenant.get("/v2/entities", headers={"fiware-servicepath": "/a b"})
    assert (await default_tenant.get("/admin/metrics")).json()["services"] == {}


async def test_statistics_count_requests_by_path_and_method(default_tenant: httpx.AsyncClient) -> None:
    await default_tenant.post("/v2/entities", json=ENTITY)
    await default_tenant.get("/v2/nowhere")
    plain = (await default_tenant.get("/statistics")).json()
    assert plain.keys() == {"uptime_in_secs", "measuring_interval_in_secs"}
    counters = (await default_tenant.get("/statistics?options=fullCounters")).json()["counters"]
    assert counters["requests"]["/v2/entities"] == {"POST": 1}
    assert (counters["jsonRequests"], counters["invalidRequests"]) == (1, 1)
    assert (await default_tenant.delete("/statistics")).json() == {"message": "All statistics counter reset"}
    counters = (await default_tenant.get("/statistics?options=fullCounters")).json()["counters"]
    assert counters["requests"] == {"/statistics": {"DELETE": 1}}


async def test_log_settings_are_kept(default_tenant: httpx.AsyncClient) -> None:
    level = (await default_tenant.get("/admin/log")).json()["level"]
    query = f"level={level}&infoPayloadMaxSize=100&lineMaxSize=200&deprecate=true"
    assert (await default_tenant.put(f"/admin/log?{query}")).status_code == 200
    expected = {"level": level, "infoPayloadMaxSize": 100, "lineMaxSize": 200, "deprecate": True}
    assert (await default_tenant.get("/admin/log")).json() == expected


@pytest.mark.parametrize("query", ["level=loud", "lineMaxSize=99", "infoPayloadMaxSize=x", "deprecate=1", "other=1"])
async def test_bad_log_settings_change_nothing(default_tenant: httpx.AsyncClient, query: str) -> None:
    before = (await default_tenant.get("/admin/log")).json()
    refused = await default_tenant.put(
        f"/admin/log?infoPayloadMaxSize=7&{query}" if "other" not in query else "/admin/log?other=1"
    )
    assert (refused.status_code, refused.json()["error"]) == (400, "BadRequest")
    assert (await default_tenant.get("/admin/log")).json() == before


async def test_trace_levels_are_kept(default_tenant: httpx.AsyncClient) -> None:
    assert (await default_tenant.get("/log/trace")).json() == {"tracelevels": "empty"}
    assert (await default_tenant.put("/log/trace/1-9,20-30")).status_code == 200
    assert (await default_tenant.get("/log/trace")).json() == {"tracelevels": "1-9,20-30"}
    await default_tenant.delete("/log/trace/1-9")
    assert (await default_tenant.get("/log/trace")).json() == {"tracelevels": "20-30"}
    await default_tenant.delete("/log/trace")
    assert (await default_tenant.get("/log/trace")).json() == {"tracelevels": "empty"}
    assert (await default_tenant.put("/log/trace/all")).status_code == 400


def _subscription(url: str) -> dict[str, Any]:
    return {"subject": {"entities": [{"idPattern": ".*"}]}, "notification": {"http": {"url": url}}}


async def test_notifications_are_counted_as_outgoing_transactions(v2: httpx.AsyncClient) -> None:
    v2.headers["fiware-servicepath"] = "/gardens"
    async with receiving() as receiver:
        created = await v2.post("/v2/subscriptions", json=_subscription(receiver.url))
        await v2.post("/v2/entities", json=ENTITY)
        [notification] = await receiver.wait_for(1)
        counted: dict[str, Any] = {}
        while "outgoingTransactions" not in counted:
            metrics = (await v2.get("/admin/metrics")).json()
            counted = metrics["services"][v2.headers["fiware-service"]]["subservs"]["gardens"]
    assert counted["outgoingTransactions"] == 1
    assert counted["outgoingTransactionRequestSize"] == len(notification.raw)
    assert "outgoingTransactionErrors" not in counted
    statistics = (await v2.get("/statistics?options=fullCounters")).json()
    assert statistics["counters"]["notificationsSent"] >= 1
    await v2.delete(created.headers["location"])


async def test_the_version_is_told_as_orion_tells_it(v2: httpx.AsyncClient) -> None:
    told = (await v2.get("/version")).json()
    members = ["version", "uptime", "git_hash", "compile_time", "compiled_by", "compiled_in", "release_date", "machine"]
    assert list(told) == ["orion"]
    assert list(told["orion"]) == [*members, "doc", "hiroba"]
    assert told["orion"]["version"] == "4.7.0"
    assert all(isinstance(each, str) and each for each in told["orion"].values())
    libraries = (await v2.get("/version?options=libVersions")).json()["orion"]["libversions"]
    assert {"python", "orjson"} <= libraries.keys()


async def test_the_cache_is_told_by_what_the_tenant_subscribed(default_tenant: httpx.AsyncClient) -> None:
    empty = {"ids": "", "refreshs": 0, "inserts": 0, "removes": 0, "updates": 0, "items": 0}
    assert (await default_tenant.get("/cache/statistics")).json() == empty
    made = [await default_tenant.post("/v2/subscriptions", json=_subscription("http://127.0.0.1:9")) for _ in range(3)]
    locations = [each.headers["location"] for each in made]
    await default_tenant.patch(locations[0], json={"throttling": 1})
    await default_tenant.delete(locations[2])
    ids = ", ".join(each.rpartition("/")[2] for each in locations[:2])
    told = {"ids": ids, "refreshs": 0, "inserts": 3, "removes": 1, "updates": 1, "items": 2}
    assert (await default_tenant.get("/cache/statistics")).json() == told
    assert (await default_tenant.delete("/cache/statistics")).json() == {"message": "All statistics counter reset"}
    told.update(inserts=0, removes=0, updates=0)
    assert (await default_tenant.get("/cache/statistics")).json() == told


async def test_semaphores_are_free(v2: httpx.AsyncClient) -> None:
    told = (await v2.get("/admin/sem")).json()
    assert len(told) == 13
    assert all(each == {"status": "free"} for each in told.values())
