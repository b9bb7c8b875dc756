"""Legal classes and consent at the context broker: given and withdrawn at once, in answers and in notifications."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.integration.access.conftest import City
from tests.integration.access.test_provided_services import offer
from tests.support.auth import Login
from tests.support.event_stream import reading
from tests.support.patience import until
from tests.support.receiver import Receiver, receiving

CLASSES = [
    {"type": "Resident", "attribute": "address", "legal_class": "personal", "subject": "account"},
    {"type": "Resident", "attribute": "code", "legal_class": "pseudonymised"},
    {"type": "Resident", "attribute": "band", "legal_class": "anonymised"},
    {"type": "Resident", "attribute": "gps", "legal_class": "related", "subject": "account"},
]
ALL = {"address", "code", "band", "gps"}


def _resident(number: int, **more: Any) -> dict[str, Any]:
    values = {"account": f"u-{number}", "address": f"番町{number}", "code": "x9", "band": "30-39", "gps": "34.3,134.0"}
    attributes = {name: {"value": value} for name, value in {**values, **more}.items()}
    return {"id": f"urn:ngsi-ld:Resident:{number}", "type": "Resident", **attributes}


@dataclass
class Town:
    """A tenant with classified data: who holds them, a service that uses them, and one with a plain grant."""

    city: City
    service_id: str
    holder: httpx.AsyncClient
    user: httpx.AsyncClient
    reader: httpx.AsyncClient

    async def change(self, kind: str, number: int, **more: Any) -> httpx.Response:
        """Give or withdraw the consent of a person."""
        body = {"subject": f"u-{number}", "service": self.service_id, "purpose": "route", "type": "Resident", **more}
        path = "consents" if kind == "given" else "consents/withdrawals"
        return await self.city.operator.post(f"/tenants/{self.city.name}/{path}", json=body)

    async def shows(self, client: httpx.AsyncClient, number: int, *names: str) -> None:
        """Wait until a client sees exactly these of the classified attributes of a person, whichever way it asks."""

        async def is_so() -> bool:
            one = await client.get(f"/ngsi-ld/v1/entities/urn:ngsi-ld:Resident:{number}")
            found = await client.get("/v2/entities", params={"type": "Resident"}, headers={"Fiware-ServicePath": "/"})
            listed = {each["id"][-1]: set(each) for each in found.json()}
            return (set(one.json()) & ALL) == set(names) == (listed[str(number)] & ALL)

        await until(is_so)


@pytest.fixture
async def town(city: City) -> Town:
    holder = await city.caller(city.grant("read", "write", "hold"))
    for number in (1, 2):
        assert (await holder.post("/v2/entities", json=_resident(number))).status_code == 201
    service_id, _ = await offer(city, 1, purposes=["route", "survey"])
    permit = f'permit (principal in Hiroba::Service::"{service_id}", action, resource in Hiroba::Path::"/");'
    classes = await city.operator.put(f"/tenants/{city.name}/classes", json={"classes": CLASSES})
    assert classes.status_code == 204, classes.text
    assert (await city.operator.put(f"/tenants/{city.name}/policies", json={"text": permit})).is_success
    secret = (await city.operator.post(f"/services/{service_id}/clients", json={})).json()
    user = await city.client(await city.hub.headers(Login(secret["client_id"], secret["client_secret"])), "/")

    async def is_told() -> bool:
        answer = await user.get("/ngsi-ld/v1/entities/urn:ngsi-ld:Resident:1")
        return answer.status_code == 200 and "code" not in answer.json()

    await until(is_told)
    return Town(city, service_id, holder, user, await city.caller(city.grant("read", "subscribe")))


async def test_personal_data_are_shown_to_who_holds_them_and_to_others_with_consent(town: Town) -> None:
    await town.shows(town.holder, 1, *ALL)
    await town.shows(town.user, 1, "band")
    await town.shows(town.reader, 1, "band")
    given = await town.change("given", 1, attributes=["address"])
    assert given.status_code == 201, given.text
    await town.shows(town.user, 1, "band", "address")
    await town.shows(town.user, 2, "band")
    await town.shows(town.reader, 1, "band")
    assert (await town.change("withdrawn", 1, attributes=["address"])).status_code == 201
    await town.shows(town.user, 1, "band")


async def test_consent_is_for_one_purpose(town: Town) -> None:
    assert (await town.change("given", 1, purpose="survey")).status_code == 201
    path = "/ngsi-ld/v1/entities/urn:ngsi-ld:Resident:1"

    async def is_given() -> bool:
        shown = await town.user.get(path, headers={"Hiroba-Purpose": "survey"})
        return {"address", "gps"} <= set(shown.json())

    await until(is_given)
    assert "address" not in (await town.user.get(path)).json()
    other = await town.user.get(path, headers={"Hiroba-Purpose": "advertising"})
    assert other.status_code == 403


async def test_pseudonymised_data_are_never_given_to_others(town: Town) -> None:
    refused = await town.change("given", 1, attributes=["code"])
    assert (refused.status_code, refused.json()["field"]) == (400, "attributes")
    assert "pseudonymised" in refused.json()["detail"]
    assert (await town.change("given", 1)).json()["document"]["attributes"] == ["address", "gps"]
    await town.shows(town.user, 1, "band", "address", "gps")


async def test_person_related_data_are_given_to_who_attests_the_consent(town: Town) -> None:
    attesting = await town.city.caller(town.city.grant("read", "attest"))
    await town.shows(attesting, 1, "band", "gps")


async def test_what_is_not_shown_cannot_be_asked_for(town: Town) -> None:
    await town.change("given", 1)
    for client in (town.user, town.reader):
        for query in ({"q": 'address=="番町2"'}, {"q": "code"}, {"orderBy": "address"}):
            answer = await client.get("/ngsi-ld/v1/entities", params={"type": "Resident", **query})
            assert answer.status_code == 403, (query, answer.text)
    attributes = await town.reader.get("/ngsi-ld/v1/attributes")
    assert not {name for name in attributes.json()["attributeList"] if name.rpartition("/")[2] in {"address", "code"}}
    types = (await town.reader.get("/v2/types/Resident")).json()
    assert not {"address", "code", "gps"} & set(types.get("attrs", {}))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


@pytest.mark.parametrize("face", ["v2", "ld"])
async def test_notifications_hold_what_is_consented_to_when_they_are_sent(
    town: Town, receiver: Receiver, face: str
) -> None:
    if face == "v2":
        subject = {"entities": [{"idPattern": ".*", "type": "Resident"}], "condition": {"attrs": ["address", "band"]}}
        body: dict[str, Any] = {"subject": subject, "notification": {"http": {"url": receiver.url}}}
        made = await town.user.post("/v2/subscriptions", json=body)
    else:
        notification = {"format": "simplified", "endpoint": {"uri": receiver.url, "accept": "application/json"}}
        body = {"type": "Subscription", "entities": [{"type": "Resident"}], "notification": notification}
        made = await town.user.post("/ngsi-ld/v1/subscriptions", json=body)
    assert made.status_code == 201, made.text

    async def write(**values: str) -> None:
        change = {name: {"value": value} for name, value in values.items()}
        answer = await town.holder.patch("/v2/entities/urn:ngsi-ld:Resident:1/attrs", json=change)
        assert answer.status_code == 204, answer.text

    await write(address="秘密一")
    await write(band="40-49")
    await receiver.until(lambda: "40-49" in str(receiver.bodies))
    assert len(receiver.received) == 1
    await town.change("given", 1)
    await town.shows(town.user, 1, "band", "address", "gps")
    await write(address="公開二")
    await receiver.until(lambda: "公開二" in str(receiver.bodies))
    await town.change("withdrawn", 1)
    await town.shows(town.user, 1, "band")
    await write(address="秘密三")
    await write(band="50-59")
    await receiver.until(lambda: "50-59" in str(receiver.bodies))
    told = str(receiver.bodies)
    assert "秘密" not in told
    assert "x9" not in told


async def test_receipts_make_a_chain_and_consents_are_shown(town: Town) -> None:
    first = (await town.change("given", 1, attributes=["address"])).json()
    second = (await town.change("withdrawn", 1, attributes=["address"])).json()
    assert (first["number"], second["number"], second["previous"]) == (1, 2, first["hash"])
    base = f"/tenants/{town.city.name}/consents"
    kept = (await town.city.operator.get(f"{base}/receipts")).json()
    assert [each["document"]["kind"] for each in kept] == ["given", "withdrawn"]
    verified = (await town.city.operator.get(f"{base}/verification")).json()
    assert verified == {"count": 2, "is_valid": True, "broken_at": None}
    [consent] = (await town.city.operator.get(base, params={"subject": "u-1"})).json()
    assert (consent["attribute"], consent["given"]) == ("address", False)


async def test_a_wish_that_cannot_be_is_refused_by_field(town: Town) -> None:
    for more, field in (
        ({"service": "nobody"}, "service"),
        ({"purpose": "advertising"}, "purpose"),
        ({"type": "Park"}, "type"),
        ({"attributes": ["height"]}, "attributes"),
        ({"attributes": ["band"]}, "attributes"),
        ({"subject": ""}, "subject"),
    ):
        refused = await town.change("given", 1, **more)
        assert (refused.status_code, refused.json()["field"]) == (400, field), refused.text


async def test_nobody_else_gives_sees_or_follows_consents(town: Town) -> None:
    token = {"Authorization": town.reader.headers["authorization"]}
    base = f"/tenants/{town.city.name}"
    wish = {"subject": "u-1", "service": town.service_id, "purpose": "route", "type": "Resident"}
    for method, path, body in (
        ("POST", f"{base}/consents", wish),
        ("POST", f"{base}/consents/withdrawals", wish),
        ("GET", f"{base}/consents?subject=u-1", None),
        ("GET", f"{base}/consents/receipts", None),
        ("GET", f"{base}/consents/verification", None),
        ("GET", f"{base}/classes", None),
        ("PUT", f"{base}/classes", {"classes": []}),
        ("GET", "/feed/consents", None),
    ):
        answer = await town.city.operator.request(method, path, json=body, headers=token)
        assert answer.status_code == 403, (path, answer.text)


_FILES = ("csv", "ndjson", "geojson", "ngsi-ld", "ngsi-v2")


async def _told(client: httpx.AsyncClient, purpose: str = "route") -> set[str]:
    """Return which of the two persons' addresses each file tells, the history too; they must all agree."""
    headers = {"Hiroba-Purpose": purpose}
    found = []
    for path, form in (*(("/export/entities", form) for form in _FILES), ("/export/history", "csv")):
        parameters = {"type": "Resident", **({"format": form} if "entities" in path else {})}
        answer = await client.get(path, params=parameters, headers=headers)
        assert answer.status_code == 200, answer.text
        assert "30-39" in answer.text
        assert "x9" not in answer.text, (path, form)
        found.append({name for name in ("番町1", "番町2") if name in answer.text})
    assert all(each == found[0] for each in found), found
    return found[0]


async def test_files_hold_what_persons_have_consented_to(town: Town) -> None:
    assert await _told(town.user) == set()
    for number in (1, 2):
        assert (await town.change("given", number, attributes=["address"])).status_code == 201
        await town.shows(town.user, number, "band", "address")
    assert await _told(town.user) == {"番町1", "番町2"}
    assert await _told(town.user, "survey") == set()
    assert await _told(town.reader) == set()
    assert (await town.change("withdrawn", 2, attributes=["address"])).status_code == 201
    await town.shows(town.user, 2, "band")
    assert await _told(town.user) == {"番町1"}
    asked = {"type": "Resident", "format": "keyValues", "limit": "10"}
    across = await town.user.get("/cross/entities", params=asked, headers={"Fiware-Service": ""})
    assert ("番町1" in across.text, "番町2" in across.text) == (True, False)
    assert (await town.change("withdrawn", 1, attributes=["address"])).status_code == 201
    await town.shows(town.user, 1, "band")
    assert await _told(town.user) == set()


async def test_the_history_of_what_has_named_two_persons_is_told_of_neither(town: Town) -> None:
    for number in (1, 2):
        assert (await town.change("given", number, attributes=["address"])).status_code == 201
        await town.shows(town.user, number, "band", "address")
    change = {"account": {"value": "u-2"}, "address": {"value": "番町2の2"}}
    path = "/v2/entities/urn:ngsi-ld:Resident:1/attrs"
    assert (await town.holder.patch(path, json=change)).status_code == 204
    told = (await town.user.get("/export/history", params={"type": "Resident"})).text
    assert ("番町2\n" in told or "番町2," in told, "番町1" in told, "番町2の2" in told) == (True, False, False)
    assert "番町2の2" in (await town.user.get("/export/entities", params={"type": "Resident"})).text


async def test_a_stream_tells_what_persons_have_consented_to_when_it_happens(town: Town) -> None:
    async def write(number: int, **values: str) -> None:
        change = {name: {"value": value} for name, value in values.items()}
        path = f"/v2/entities/urn:ngsi-ld:Resident:{number}/attrs"
        assert (await town.holder.patch(path, json=change)).status_code == 204

    for number in (1, 2):
        assert (await town.change("given", number, attributes=["address"])).status_code == 201
        await town.shows(town.user, number, "band", "address")
    async with reading(
        town.user, "/stream/v2/entities?options=keyValues", headers={"Hiroba-Purpose": "route"}
    ) as reader:
        await reader.read_many(1)
        await write(1, address="公開一")
        await write(2, address="公開二")
        assert [each.data["address"] for each in await reader.read_many(2)] == ["公開一", "公開二"]
        assert (await town.change("withdrawn", 1, attributes=["address"])).status_code == 201
        await town.shows(town.user, 1, "band")
        await write(1, address="秘密一")
        await write(1, band="40-49")
        await write(2, address="公開三")
        told = await reader.read_many(2)
    assert [(each.data.get("address"), each.data["band"]) for each in told] == [(None, "40-49"), ("公開三", "30-39")]
