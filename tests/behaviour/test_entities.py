"""Creating, reading, changing and deleting entities, through both faces."""

from typing import Any

import pytest

from tests.support.faces import FaceClient

GAUGE = "urn:ngsi-ld:Gauge:asuwa-1"


async def test_what_one_face_creates_both_read(writer: FaceClient, reader: FaceClient) -> None:
    values = {
        "level": 2.75,
        "name": "九十九橋",
        "open": True,
        "tags": ["川", "水位"],
        "about": {"owner": {"code": "18"}},
    }
    created = await writer.create(GAUGE, "Gauge", values)
    assert created.status_code == 201, created.text
    assert created.headers["Location"].split("?")[0].rsplit("/", 1)[1]
    assert await reader.values(GAUGE) == values


async def test_a_geometry_is_the_same_on_both_faces(writer: FaceClient, reader: FaceClient) -> None:
    point = {"type": "Point", "coordinates": [136.21139, 36.06306]}
    await writer.create(GAUGE, "Gauge", {"location": point})
    assert await reader.values(GAUGE) == {"location": point}


async def test_creating_an_entity_twice_is_refused(face: FaceClient) -> None:
    await face.create(GAUGE, "Gauge", {"level": 1})
    refused = await face.create(GAUGE, "Gauge", {"level": 2})
    assert refused.status_code == face.refuses_creating_twice
    assert await face.values(GAUGE) == {"level": 1}


async def test_an_unknown_entity_is_not_found(face: FaceClient) -> None:
    await face.create(GAUGE, "Gauge", {})
    assert (await face.retrieve("urn:ngsi-ld:Gauge:none")).status_code == 404
    assert (await face.delete("urn:ngsi-ld:Gauge:none")).status_code == 404
    assert (await face.update("urn:ngsi-ld:Gauge:none", {"level": 1})).status_code == 404


async def test_appending_adds_and_writes_over(writer: FaceClient, reader: FaceClient) -> None:
    await writer.create(GAUGE, "Gauge", {"level": 1, "name": "橋"})
    appended = await writer.append(GAUGE, {"level": 2, "flow": 7})
    assert appended.status_code == 204, appended.text
    assert await reader.values(GAUGE) == {"level": 2, "name": "橋", "flow": 7}


async def test_updating_adds_attributes_through_ngsi_ld_alone(writer: FaceClient, reader: FaceClient) -> None:
    await writer.create(GAUGE, "Gauge", {"level": 1, "name": "橋"})
    updated = await writer.update(GAUGE, {"level": 2})
    assert updated.status_code == 204, updated.text
    more = await writer.update(GAUGE, {"flow": 7})
    assert more.status_code == writer.adding_by_update
    added = {"flow": 7} if more.is_success else {}
    assert await reader.values(GAUGE) == {"level": 2, "name": "橋", **added}


async def test_replacing_leaves_only_the_new(writer: FaceClient, reader: FaceClient) -> None:
    await writer.create(GAUGE, "Gauge", {"level": 1, "name": "橋"})
    replaced = await writer.replace(GAUGE, "Gauge", {"flow": 7})
    assert replaced.status_code == 204, replaced.text
    assert await reader.values(GAUGE) == {"flow": 7}


async def test_deleting_an_attribute_leaves_the_others(writer: FaceClient, reader: FaceClient) -> None:
    await writer.create(GAUGE, "Gauge", {"level": 1, "name": "橋"})
    assert (await writer.delete_attribute(GAUGE, "name")).status_code == 204
    assert (await writer.delete_attribute(GAUGE, "name")).status_code == 404
    assert await reader.values(GAUGE) == {"level": 1}


async def test_a_deleted_entity_is_gone_for_both(writer: FaceClient, reader: FaceClient) -> None:
    await writer.create(GAUGE, "Gauge", {"level": 1})
    assert (await writer.delete(GAUGE)).status_code == 204
    assert (await reader.retrieve(GAUGE)).status_code == 404
    assert (await writer.create(GAUGE, "Gauge", {"level": 2})).status_code == 201


async def test_an_upsert_creates_and_updates(writer: FaceClient, reader: FaceClient) -> None:
    await writer.create(f"{GAUGE}a", "Gauge", {"level": 1, "name": "橋"})
    answer = await writer.upsert("Gauge", {f"{GAUGE}a": {"level": 2}, f"{GAUGE}b": {"level": 3}})
    assert answer.status_code in (201, 204), answer.text
    assert await reader.values(f"{GAUGE}a") == {"level": 2, "name": "橋"}
    assert await reader.values(f"{GAUGE}b") == {"level": 3}


async def test_an_upsert_of_a_thousand_is_one_request(face: FaceClient) -> None:
    many = {f"{GAUGE}{number}": {"level": number} for number in range(1000)}
    answer = await face.upsert("Gauge", many)
    assert answer.status_code in (201, 204), answer.text
    counted = await face.query(type="Gauge", count="yes", limit="1")
    assert face.count(counted) == 1000


async def test_tenants_do_not_see_each_other(writer: FaceClient, reader: FaceClient, tenant: str) -> None:
    fukui, sakai = f"{tenant}_fukui", f"{tenant}_sakai"
    await writer.with_tenant(fukui).create(GAUGE, "Gauge", {"level": 1})
    await writer.with_tenant(sakai).create(GAUGE, "Gauge", {"level": 2})
    assert await reader.with_tenant(fukui).values(GAUGE) == {"level": 1}
    assert await reader.with_tenant(sakai).values(GAUGE) == {"level": 2}
    await writer.with_tenant(sakai).delete(GAUGE)
    assert await reader.with_tenant(fukui).values(GAUGE) == {"level": 1}


async def test_tenant_names_fold_to_lower_case(writer: FaceClient, reader: FaceClient, tenant: str) -> None:
    await writer.with_tenant(tenant.upper()).create(GAUGE, "Gauge", {"level": 1})
    assert await reader.with_tenant(tenant).values(GAUGE) == {"level": 1}


@pytest.mark.parametrize("tenant", ["a-b", "x" * 51, "a/b", "a b"])
async def test_a_bad_tenant_name_is_refused(face: FaceClient, tenant: str) -> None:
    assert (await face.with_tenant(tenant).create(GAUGE, "Gauge", {})).status_code == 400


@pytest.mark.parametrize("body", ["", "{", "[1", '"text"', "12", "null", '{"type": "Gauge"}', '{"id": 5, "type": "G"}'])
async def test_a_body_that_is_no_entity_is_refused(face: FaceClient, body: str, broker: Any, tenant: str) -> None:
    path = "/v2/entities" if face.name == "ngsiv2" else "/ngsi-ld/v1/entities"
    headers = {"Content-Type": "application/json", "Fiware-Service": tenant}
    answer = await broker.post(path, content=body, headers=headers)
    assert answer.status_code in (400, 411), answer.text
    assert answer.json()["error" if face.name == "ngsiv2" else "title"]


async def test_a_nul_character_is_refused_and_nothing_is_written(face: FaceClient) -> None:
    await face.create(f"{GAUGE}a", "Gauge", {})
    assert (await face.create(GAUGE, "Gauge", {"name": "a\0b"})).status_code == 400
    assert (await face.retrieve(GAUGE)).status_code == 404
