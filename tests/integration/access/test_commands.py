"""Commands where tokens are asked for: the context broker shows ingest who forwards, and shows it to nobody else."""

from collections.abc import Iterator, Mapping

import httpx
import pytest

from services.broker.operations.own_source import OwnSource
from services.kernel.credentials import ServiceCredentials
from tests.support.auth import grant, register
from tests.support.hub import Hub, own_hub
from tests.support.patience import until

LAMP = "urn:ngsi-ld:Lamp:lamp1"
GROUP = {"resource": "/iot/json", "entity_type": "Lamp", "transport": "HTTP"}
COMMANDS = [{"name": "on", "type": "command"}, {"name": "dim", "type": "command"}]


@pytest.fixture(scope="module")
def hub(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with own_hub(postgres_server, tmp_path_factory.mktemp("hub"), ("auth", "broker", "ingest")) as running:
        yield running


async def _install_lamp(hub: Hub, tenant: str) -> None:
    """Create a tenant with a lamp that fetches its commands, and wait until they are registered."""
    async with hub.client("auth", await hub.headers()) as auth:
        assert (await auth.put(f"/tenants/{tenant}", json={})).status_code == 201
    headers = await hub.headers_in(tenant)

    async def is_known() -> bool:
        async with hub.client("ingest", headers) as ingest:
            group = {**GROUP, "apikey": f"lamps-of-{tenant}", "commands": COMMANDS}
            return (await ingest.post("/iot/groups", json={"groups": [group]})).status_code == 201

    await until(is_known)
    device = {"device_id": "lamp1", "entity_name": LAMP, "polling": True}
    async with hub.client("ingest", headers) as ingest:
        answer = await ingest.post("/iot/devices", json={"devices": [device]})
        assert answer.status_code == 201, answer.text

    async def is_registered() -> bool:
        async with hub.client("broker", headers) as broker:
            v2 = await broker.get("/v2/registrations")
            ld = await broker.get("/ngsi-ld/v1/csourceRegistrations?type=Lamp")
        return v2.is_success and ld.is_success and len(v2.json()) == 1 and len(ld.json()) == 1

    await until(is_registered)


async def _headers_of_city(hub: Hub, tenant: str) -> dict[str, str]:
    """Return the headers of a client that may read and write, and nothing else."""
    async with hub.client("auth", await hub.headers()) as auth:
        login = await register(auth, {}, grant(tenant, "read", "write", "register"))
    return await hub.headers_in(tenant, login)


async def _state(hub: Hub, headers: Mapping[str, str], command: str) -> object:
    async with hub.client("broker", headers) as broker:
        answer = await broker.get(f"/v2/entities/{LAMP}?options=keyValues")
    return answer.json().get(f"{command}_status")


async def test_commands_reach_devices_over_both_faces(hub: Hub) -> None:
    await _install_lamp(hub, "sabae")
    headers = await _headers_of_city(hub, "sabae")
    async with hub.client("broker", headers) as broker:
        body = {"on": {"type": "command", "value": "now"}}
        answer = await broker.patch(f"/v2/entities/{LAMP}/attrs?type=Lamp", json=body)
        assert answer.status_code == 204, answer.text
        answer = await broker.patch(f"/ngsi-ld/v1/entities/{LAMP}/attrs/dim", json={"type": "Property", "value": 3})
        assert answer.status_code == 204, answer.text
    assert [await _state(hub, headers, name) for name in ("on", "dim")] == ["PENDING", "PENDING"]


async def test_a_registration_at_ingest_does_not_reach_another_tenants_devices(hub: Hub) -> None:
    await _install_lamp(hub, "echizen")
    async with hub.client("auth", await hub.headers()) as auth:
        assert (await auth.put("/tenants/ono", json={})).status_code == 201
    foreign = await _headers_of_city(hub, "ono")
    document = {
        "type": "ContextSourceRegistration",
        "mode": "exclusive",
        "operations": ["updateOps"],
        "information": [{"entities": [{"id": LAMP, "type": "Lamp"}], "propertyNames": ["on"]}],
        "endpoint": hub.urls["ingest"],
        "contextSourceInfo": [{"key": "Fiware-Service", "value": "echizen"}],
    }

    async def is_registered() -> bool:
        async with hub.client("broker", foreign) as broker:
            return (await broker.post("/ngsi-ld/v1/csourceRegistrations", json=document)).status_code == 201

    await until(is_registered)
    async with hub.client("broker", foreign) as broker:
        body = {"type": "Property", "value": "now"}
        refused = await broker.patch(f"/ngsi-ld/v1/entities/{LAMP}/attrs/on", json=body)
    assert refused.status_code >= 400
    assert await _state(hub, await hub.headers_in("echizen"), "on") is None


@pytest.mark.parametrize(
    ("address", "headers", "is_shown"),
    [
        ("", {"Fiware-Service": "sabae"}, True),
        ("/v2", {"NGSILD-Tenant": "sabae"}, True),
        ("/v2/", {"Fiware-Service": "sabae"}, True),
        ("", {"Fiware-Service": "sabae", "fiware-service": "echizen"}, False),
        ("", {"Fiware-Service": "sabae", "ngsild-tenant": "echizen"}, False),
        ("", {}, False),
        ("/iot/devices?x=", {"Fiware-Service": "sabae"}, False),
        (".elsewhere.example", {"Fiware-Service": "sabae"}, False),
    ],
)
async def test_the_brokers_credentials_are_shown_to_ingest_alone(
    hub: Hub, address: str, headers: dict[str, str], *, is_shown: bool
) -> None:
    url = hub.urls["ingest"]
    source = OwnSource(url, ServiceCredentials(hub.urls["auth"], "service-broker", "the-secret-of-the-broker"))
    sent = await source.signed(url + address, {**headers, "authorization": "of the registration"}, "sabae")
    shown = [value for name, value in sent.items() if name.lower() == "authorization"]
    assert len(shown) == 1
    assert (shown != ["of the registration"]) == is_shown
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": shown[0]}) as ingest:
        answer = await ingest.post("/v2/op/update", json={"entities": []}, headers={"Fiware-Service": "sabae"})
    assert answer.status_code == (204 if is_shown else 401)
