"""Looks into files that are no plain tables: what is shown of them, and what is not."""

import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.catalog.domain.look import LookKind
from services.catalog.files.image import size_of_image
from services.catalog.files.look import look_at
from services.catalog.files.looking import timetable
from services.catalog.files.looking.looker import look
from tests.support.workbook import workbook

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


def seen(tmp_path: Path, content: bytes) -> Any:
    """Look into a file in this process, as the other does."""
    file = tmp_path / "file"
    file.write_bytes(content)
    return look(str(file))


def test_geojson_shows_properties_and_what_of_it_is_on_earth(tmp_path: Path) -> None:
    found = seen(tmp_path, json.dumps(FEATURES, ensure_ascii=False).encode("cp932"))
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
    single = seen(tmp_path, json.dumps(FEATURES["features"][0]).encode())
    assert (single["facts"]["features"], single["places"][0]["properties"]) == (1, {"名称": "駅"})
    point = {"type": "Point", "coordinates": [134.05, 34.35]}
    for bare, count in ((point, 1), ({"type": "GeometryCollection", "geometries": [point, point]}, 2)):
        found = seen(tmp_path, json.dumps(bare).encode())
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
def test_json_of_objects_is_shown_as_a_table(tmp_path: Path, content: bytes) -> None:
    found = seen(tmp_path, content)
    assert (found["kind"], found["facts"]) == ("json", {"records": 2})
    assert found["tables"][0]["columns"] == ["a", "b", "c"]
    assert found["tables"][0]["rows"] == [["1", "x", ""], ["", "", "[1]"]]


def test_json_without_objects_shows_nothing(tmp_path: Path) -> None:
    assert [seen(tmp_path, each) for each in (b"[1, 2]", b'{"a": 1}', b'{"a": [{"b": 1}], "c": [{"d": 1}]}')] == [
        None
    ] * 3


@pytest.mark.parametrize("folder", ["", "町営バス/"])
def test_a_timetable_shows_agencies_routes_stops_and_its_days(tmp_path: Path, folder: str) -> None:
    found = seen(tmp_path, zipped(GTFS, folder))
    days = {"first_day": "2026-04-01", "last_day": "2027-04-01"}
    assert found["facts"] == {"agencies": 1, "routes": 2, "stops": 2, "trips": 3, **days, "shown": 1}
    assert [(each["name"], each["total"]) for each in found["tables"]] == [("agencies", 1), ("routes", 2), ("stops", 2)]
    assert found["tables"][0]["rows"] == [["1", "町営バス"]]
    assert [each["properties"]["stop_name"] for each in found["places"]] == ["駅前"]


def test_parquet_shows_columns_and_first_rows(tmp_path: Path) -> None:
    body = io.BytesIO()
    pq.write_table(pa.table({"名称": ["x", None] * 20, "形": [b"12"] * 40}), body)
    found = seen(tmp_path, body.getvalue())
    schema, first = found["tables"]
    assert [each[:2] for each in schema["rows"]] == [["名称", "string"], ["形", "binary"]]
    assert (first["rows"][:2], len(first["rows"]), first["total"]) == ([["x", "(2 bytes)"], ["", "(2 bytes)"]], 10, 40)
    assert (found["facts"]["records"], found["facts"]["columns"]) == (40, 2)


def test_a_workbook_shows_the_sheets_after_its_table(tmp_path: Path) -> None:
    sheets = {"一覧": [["a"], [1]], "凡例": [[None], ["記号", "意味"], ["○", "x" * 300]], "空": []}
    found = seen(tmp_path, workbook(sheets))
    (table,) = found["tables"]
    assert (table["name"], table["columns"], found["facts"]) == ("凡例", ["記号", "意味"], {"sheets": 3})
    assert table["rows"] == [["○", "x" * 200 + "…"]]
    assert seen(tmp_path, workbook({"一覧": [["a"]]})) is None


def test_other_zips_show_nothing(tmp_path: Path) -> None:
    assert seen(tmp_path, zipped({"word/document.xml": "x"})) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", b'{"a":'), ("a.geojson", b"[" * 100_000), ("a.parquet", b"PAR1 and no more")],
    ids=["cut off", "nested", "no parquet"],
)
def test_what_cannot_be_read_says_so_and_harms_nobody(tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    found = look_at(file, name, "application/octet-stream")
    assert found is not None
    assert (found.look.kind, found.look.facts) == (LookKind.UNREADABLE, {"reason": "broken"})


def test_what_is_too_large_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"[")
    os.truncate(file, 64 * 1024 * 1024 + 1)
    found = look_at(file, "a.json", "application/json")
    assert found is not None
    assert found.look.facts == {"reason": "large"}
    monkeypatch.setattr(timetable, "_LARGEST", 100)
    unpacked = seen(tmp_path, zipped({**GTFS, "trips.txt": "trip_id\n" + "1\n" * 100}))
    assert (unpacked["kind"], unpacked["facts"]) == ("unreadable", {"reason": "large"})


def test_a_table_in_text_needs_no_look(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("[a],b\n1,2\n")
    assert look_at(file, "a.csv", "text/csv") is None


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big")
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + (480).to_bytes(2, "big") + (640).to_bytes(2, "big") + b"\0" * 9
)


def test_images_are_shown_where_they_are_what_they_are_called() -> None:
    sizes = [
        size_of_image(PNG, "image/png"),
        size_of_image(JPEG, "image/jpeg"),
        size_of_image(b"GIF89a\x80\x02\xe0\x01", "image/gif"),
    ]
    assert sizes == [(640, 480)] * 3
    huge = PNG[:16] + (50_000).to_bytes(4, "big") * 2
    hidden = [(PNG, "image/jpeg"), (b"<svg/>", "image/svg+xml"), (huge, "image/png"), (JPEG[:8], "image/jpeg")]
    assert [size_of_image(content, media_type) for content, media_type in hidden] == [None] * 4
    assert size_of_image(PNG + b"\0" * 5_000_000, "image/png") is None
