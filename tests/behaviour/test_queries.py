"""Asking for entities, through both faces."""

import httpx
import pytest

from tests.support.faces import FaceClient


async def _fill(face: FaceClient) -> None:
    points = {"a": (136.20, 36.05), "b": (136.21, 36.06), "c": (136.30, 36.10)}
    levels = {"a": 1.5, "b": 3, "c": 3.5}
    for letter, (longitude, latitude) in points.items():
        values = {
            "level": levels[letter],
            "river": "足羽川" if letter != "c" else "日野川",
            "open": letter == "a",
            "location": {"type": "Point", "coordinates": [longitude, latitude]},
        }
        answer = await face.create(f"urn:ngsi-ld:Gauge:{letter}", "Gauge", values)
        assert answer.status_code == 201, answer.text
    assert (await face.create("urn:ngsi-ld:Pump:d", "Pump", {"level": 3})).status_code == 201


def _letters(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    return "".join(each["id"][-1] for each in answer.json())


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("level==3", "b"),
        ("level>3", "c"),
        ("level>=3", "bc"),
        ("level<3", "a"),
        ("level!=3", "ac"),
        ("level>1;level<3.2", "ab"),
        ("river==足羽川", "ab"),
        ("river!=足羽川", "c"),
        ("river~=^日", "c"),
        ("open==true", "a"),
        ("level==1..3", "ab"),
        ("level==3,3.5", "bc"),
        ("flow", ""),
        ("!flow", "abc"),
        ("level", "abc"),
    ],
)
async def test_a_filter_finds_the_same_through_both_faces(
    writer: FaceClient, reader: FaceClient, expression: str, expected: str
) -> None:
    await _fill(writer)
    sent = expression.replace("足羽川", '"足羽川"') if reader.name == "ngsi-ld" else expression
    if reader.name == "ngsi-ld" and "~=" in expression:
        sent = 'river~="^日"'
    assert _letters(await reader.query(type="Gauge", q=sent)) == expected


async def test_distance_is_in_metres(writer: FaceClient, reader: FaceClient) -> None:
    await _fill(writer)
    # 0.01 degrees of latitude and longitude at 36 degrees north are about 1,430 m
    assert await reader.near("Gauge", 136.20, 36.05, 1000) == ["urn:ngsi-ld:Gauge:a"]
    assert len(await reader.near("Gauge", 136.20, 36.05, 1500)) == 2
    assert len(await reader.near("Gauge", 136.20, 36.05, 30000)) == 3


async def test_an_area_holds_what_lies_in_it(writer: FaceClient, reader: FaceClient) -> None:
    await _fill(writer)
    corners = [(136.15, 36.0), (136.25, 36.0), (136.25, 36.08), (136.15, 36.08), (136.15, 36.0)]
    assert await reader.within("Gauge", corners) == ["urn:ngsi-ld:Gauge:a", "urn:ngsi-ld:Gauge:b"]


async def test_pages_follow_each_other_in_order_of_creation(writer: FaceClient, reader: FaceClient) -> None:
    await _fill(writer)
    pages = [_letters(await reader.query(type="Gauge", limit="1", offset=str(n))) for n in range(4)]
    assert pages == ["a", "b", "c", ""]


async def test_the_count_is_of_all_that_fits(writer: FaceClient, reader: FaceClient) -> None:
    await _fill(writer)
    answer = await reader.query(type="Gauge", q="level>=3", limit="1", count="yes")
    assert reader.count(answer) == 2
    assert len(answer.json()) == 1


async def test_entities_are_found_by_id(writer: FaceClient, reader: FaceClient) -> None:
    await _fill(writer)
    assert _letters(await reader.query(id="urn:ngsi-ld:Gauge:a,urn:ngsi-ld:Pump:d", type="Gauge,Pump")) == "ad"


@pytest.mark.parametrize("parameter", ["limit", "offset"])
@pytest.mark.parametrize("value", ["-1", "x", "1.5", "1001"])
async def test_a_bad_page_is_refused(face: FaceClient, parameter: str, value: str) -> None:
    await _fill(face)
    if (parameter, value) == ("offset", "1001"):
        assert (await face.query(type="Gauge", offset=value)).json() == []
        return
    answer = await face.query(type="Gauge", **{parameter: value})
    assert answer.status_code == 400
    assert parameter in answer.text


@pytest.mark.parametrize("expression", ["level==", "==3", "level>;", "level==1;;flow"])
async def test_a_filter_that_is_none_is_refused(face: FaceClient, expression: str) -> None:
    await _fill(face)
    assert (await face.query(type="Gauge", q=expression)).status_code == 400
