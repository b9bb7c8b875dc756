"""Looks into files that are no plain tables: what is shown of them, and what is not."""

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.catalog.domain.look import Look, LookKind
from services.catalog.files.contents import Contents, contents_of
from services.catalog.files.looking import timetable
from services.catalog.files.looking.looker import look
from services.catalog.files.sheet import Sheet
from tests.support.workbook import corners, workbook
from tests.unit.catalog.test_appearance import picture

GTFS = {
    "agency.txt": "\ufeffagency_id,agency_name\n1,町営バス\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n1,駅前,34.35,134.05\n2,不明,,\n",
    "routes.txt": "route_id,route_short_name\n1,A\n2,B\n",
    "trips.txt": "route_id,service_id,trip_id\n1,s,1\n1,s,2\n2,s,3\n",
    "calendar.txt": "service_id,start_date,end_date\ns,20260401,20270331\n",
    "calendar_dates.txt": "service_id,date,exception_type\ns,20260331,2\ns,20270401,1\n",
}
RING = [[[134, 34], [135, 34], [135, 35], [134, 34]]]
FEATURES: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [134.05, 34.35]},
            "properties": {"名称": "駅"},
        },
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": RING}, "properties": {"面積": {"ha": 2}}},
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": RING[0] * 60}, "properties": None},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [51234.5, 146000.1]}, "properties": {}},
        {"type": "Feature", "geometry": None},
        7,
    ],
}


def zipped(parts: Mapping[str, str], folder: str = "") -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(folder + name, content)
    return output.getvalue()


def seen(content: bytes) -> Any:
    """Look into a file in this process, as the other does."""
    return look(content)[0]


def held(content: bytes, name: str, media_type: str = "application/octet-stream") -> Contents:
    """Return what a file holds, of what is no text as the other process tells it."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        return contents_of(file, name, media_type)


def test_geojson_shows_properties_and_what_of_it_is_on_earth() -> None:
    found = seen(json.dumps(FEATURES, ensure_ascii=False).encode("cp932"))
    assert found["facts"] == {
        "features": 5,
        "geometries": "Point (2), Polygon (1), LineString (1)",
        "outside": 1,
        "shown": 3,
    }
    (table,) = found["tables"]
    assert (table["columns"], table["rows"][:2], table["total"]) == (
        ["名称", "面積"],
        [["駅", ""], ["", '{"ha": 2}']],
        5,
    )
    assert [each["geometry"]["type"] for each in found["places"]] == ["Point", "Polygon", "Point"]
    assert found["places"][2]["geometry"]["coordinates"] == [134.5, 34.5], "a long line is shown by its middle"
    single = seen(json.dumps(FEATURES["features"][0]).encode())
    assert (single["facts"]["features"], single["places"][0]["properties"]) == (1, {"名称": "駅"})
    point = {"type": "Point", "coordinates": [134.05, 34.35]}
    for bare, count in ((point, 1), ({"type": "GeometryCollection", "geometries": [point, point]}, 2)):
        found = seen(json.dumps(bare).encode())
        assert (found["facts"]["geometries"], found["tables"]) == (f"Point ({count})", [])
        assert [each["geometry"] for each in found["places"]] == [point] * count


@pytest.mark.parametrize(
    "content",
    [
        b'[{"a": 1, "b": "x"}, {"c": [1]}]',
        b'{"a": 1, "b": "x"}\n{"c": [1]}\n',
        b'{"type": ["Named"], "rows": [{"a": 1, "b": "x"}, {"c": [1]}]}',
    ],
)
def test_json_of_objects_is_shown_as_a_table(content: bytes) -> None:
    found = seen(content)
    assert (found["kind"], found["facts"]) == ("json", {"records": 2})
    assert found["tables"][0]["columns"] == ["a", "b", "c"]
    assert found["tables"][0]["rows"] == [["1", "x", ""], ["", "", "[1]"]]


def test_json_without_objects_shows_nothing() -> None:
    assert [seen(each) for each in (b"[1, 2]", b'{"a": 1}', b'{"a": [{"b": 1}], "c": [{"d": 1}]}')] == [None] * 3


@pytest.mark.parametrize("folder", ["", "町営バス/"])
def test_a_timetable_shows_agencies_routes_stops_and_its_days(folder: str) -> None:
    found = seen(zipped(GTFS, folder))
    days = {"first_day": "2026-04-01", "last_day": "2027-04-01"}
    assert found["facts"] == {"agencies": 1, "routes": 2, "stops": 2, "trips": 3, **days, "shown": 1}
    assert [(each["name"], each["total"]) for each in found["tables"]] == [("agencies", 1), ("routes", 2), ("stops", 2)]
    assert found["tables"][0]["rows"] == [["1", "町営バス"]]
    assert [each["properties"]["stop_name"] for each in found["places"]] == ["駅前"]


def test_parquet_shows_columns_and_first_rows() -> None:
    body = io.BytesIO()
    pq.write_table(pa.table({"名称": ["x", None] * 20, "形": [b"12"] * 40}), body)
    found = seen(body.getvalue())
    schema, first = found["tables"]
    assert [each[:2] for each in schema["rows"]] == [["名称", "string"], ["形", "binary"]]
    assert (first["rows"][:2], len(first["rows"]), first["total"]) == ([["x", "(2 bytes)"], ["", "(2 bytes)"]], 10, 40)
    assert (found["facts"]["records"], found["facts"]["columns"]) == (40, 2)


def test_a_workbook_shows_the_sheets_after_its_table() -> None:
    sheets = {"一覧": [["a"], [1]], "凡例": [[None], ["記号", "意味"], ["○", "x" * 300]], "空": []}
    found = seen(workbook(sheets))
    (table,) = found["tables"]
    assert (table["name"], table["columns"], found["facts"]) == ("凡例", ["記号", "意味"], {"sheets": 3})
    assert table["rows"] == [["○", "x" * 200 + "…"]]
    assert seen(workbook({"一覧": [["a"]]})) is None


def test_other_zips_show_nothing() -> None:
    assert seen(zipped({"word/document.xml": "x"})) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", b'{"a":'), ("a.geojson", b"[" * 100_000), ("a.parquet", b"PAR1 and no more")],
    ids=["cut off", "nested", "no parquet"],
)
def test_what_cannot_be_read_says_so_and_harms_nobody(name: str, content: bytes) -> None:
    found = held(content, name)
    assert (found.look, found.sheet) == (Look(LookKind.UNREADABLE, {"reason": "broken"}), None)


def test_what_is_too_large_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    large = Look(LookKind.UNREADABLE, {"reason": "large"})
    with tempfile.TemporaryFile() as file:
        file.write(b"[")
        file.truncate(64 * 1024 * 1024 + 1)
        assert contents_of(file, "a.json", "application/json").look == large
    assert held(corners(), "a.xlsx") == Contents(look=large)
    monkeypatch.setattr(timetable, "_LARGEST", 100)
    unpacked = seen(zipped({**GTFS, "trips.txt": "trip_id\n" + "1\n" * 100}))
    assert (unpacked["kind"], unpacked["facts"]) == ("unreadable", {"reason": "large"})


def test_a_workbook_is_opened_once_for_its_table_and_its_other_sheets() -> None:
    book = workbook({"parks": [[None], ["name", "area"], ["玉藻公園", 80000]], "legend": [["sign"], ["○"]]})
    found = held(book, "a.xlsx")
    assert found.sheet == Sheet(["name", "area"], [["玉藻公園", "80000"]])
    assert (found.look.kind, found.look.tables[0].rows) == (LookKind.WORKBOOK, (("○",),)) if found.look else False
    assert held(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 a letter", "a.doc") == Contents()


def test_a_table_in_text_needs_no_look() -> None:
    assert held(b"[a],b\n1,2\n", "a.csv", "text/csv").look is None


PNG = picture("PNG", (640, 480))


def test_pictures_are_shown_where_they_are_what_they_are_called() -> None:
    expected = {"kind": "image", "facts": {"width": 640, "height": 480}}
    assert [seen(picture(form, (640, 480))) for form in ("PNG", "JPEG", "GIF")] == [expected] * 3
    for width in (7_000, 50_000):
        assert seen(b"GIF89a" + width.to_bytes(2, "little") * 2 + b"\0" * 3) is None, "too many pixels"
    assert held(PNG, "a.png", "image/png").look == Look(LookKind.IMAGE, expected["facts"])
    hidden = [(PNG, "image/jpeg"), (b"<svg/>", "image/svg+xml"), (PNG + b"\0" * 5_000_000, "image/png")]
    assert [held(content, "a", media_type).look for content, media_type in hidden] == [None] * 3
