"""Whole files: their encodings, headers and rows, and the account of every row."""

import codecs
from typing import Any

import pytest

from services.ingest.feeds.feed import Destination
from services.ingest.importing.decoding import decode
from services.ingest.importing.report import Report
from services.ingest.importing.shelf import MappingShelf, Wanted, load_mappings
from services.ingest.importing.source import Reading, open_file
from services.ingest.importing.table import read_table
from services.kernel.errors import InvalidRequest, NotFound
from services.local.demo.files import data

SHELF = load_mappings()
PARKS = "#property,latitude,longitude,name,address,telephoneNumber,referenceObject,note\n"
TYPES = {"municipal_parking": "OffStreetParking", "bictcle_rental_port": "BikeHireDockingStation"}
ROWS = {
    "aed_location": (450, 450, 0, 0),
    "bictcle_rental_port": (7, 7, 0, 0),
    "evacuation_space": (195, 194, 0, 1),
    "exchange_center": (10, 1, 9, 0),
    "municipal_parking": (8, 8, 0, 0),
    "park": (310, 310, 0, 0),
    "public_wireless_lan": (3, 3, 0, 0),
    "reservoir_list": (841, 841, 0, 0),
    "sandbag_creation_location": (9, 9, 0, 0),
    "tourist_facilities": (52, 52, 0, 0),
    "tsunami_evacuation_building": (112, 112, 0, 0),
}


def imported(text: str, kind: str | None = None, tenant: str = "takamatsu", path: str = "/") -> tuple[Any, Any]:
    opened = open_file(text.encode(), SHELF, Wanted(kind, file_name="372013_park.csv"), Reading())
    report = Report()
    entities = []
    for record in opened.records(Destination(tenant, path)):
        report.note(record, record.refusal)
        if record.entity is not None:
            entities.append((record.number, record.entity))
    return entities, report.document(opened.repairs)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_every_row_of_the_published_files_is_accounted_for(name: str) -> None:
    content = (data() / "takamatsu" / f"{name}.csv").read_bytes()
    entities, report = imported(decode(content).text, TYPES.get(name))
    refused = sum(each["count"] for each in report["refused"])
    assert (report["rows"], report["accepted"], report["empty"]["count"], refused) == ROWS[name]
    assert len({entity["id"] for _, entity in entities}) == report["accepted"]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("名称,住所\n".encode(), "utf-8"),
        (codecs.BOM_UTF8 + "名称,住所\n".encode(), "utf-8"),
        ("名称,住所\n".encode("cp932"), "cp932"),
        ("①髙﨑,住所\n".encode("cp932"), "cp932"),
        ("名称,住所\n".encode("utf-16"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + "名称,住所\n".encode("utf-16-be"), "utf-16-be"),
        ("name,住所,latitude,longitude\n".encode("utf-16-le"), "utf-16-le"),
        ("name,住所,latitude,longitude\n".encode("utf-16-be"), "utf-16-be"),
    ],
)
def test_the_usual_encodings_are_told_apart(content: bytes, encoding: str) -> None:
    decoded = decode(content)
    assert decoded.encoding == encoding
    assert "住所" in decoded.text


def test_a_file_of_no_known_encoding_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="neither UTF-8, UTF-16 nor Japanese"):
        decode(b"\x81\x30\xff\xff")


def test_a_header_over_two_lines_is_one_and_instructions_are_dropped() -> None:
    table = read_table('"都道府県コード又は\n市区町村コード",名称 ,,←データの項目名を入力,名称,\n1,a,x,←y,b,\n')
    assert table.columns == ["都道府県コード又は市区町村コード", "名称", "列3", "名称_2"]
    assert table.dropped == ["←データの項目名を入力", "(column 6)"]
    [row] = table.rows()
    assert row.cells == {"都道府県コード又は市区町村コード": "1", "名称": "a", "列3": "x", "名称_2": "b"}


def test_tabs_separate_cells_too() -> None:
    assert next(read_table("a\tb\n1\t2\n").rows()).cells == {"a": "1", "b": "2"}


@pytest.mark.parametrize("text", ["", "\n\n", ",,\n"])
def test_a_file_without_a_header_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="no header"):
        read_table(text)


@pytest.mark.parametrize(("text", "lenient"), [('a,b\n"unended,1\n', True), ('a,b\n"x"y,1\n', False)])
def test_a_file_that_is_not_csv_is_refused(text: str, *, lenient: bool) -> None:
    with pytest.raises(InvalidRequest, match="not CSV"):
        read_table(text, lenient=lenient)


def test_rows_are_empty_repaired_or_refused_for_a_reason() -> None:
    rows = [
        "1,34.3,134.0,A公園,高松市1,,,",
        "2,,,,,,,",
        "3,134.0,34.3,Ｂ公園,高松市2,,,",
        "4,34.3,134.0,,高松市3,,,",
        "1,34.3,134.0,C公園,高松市4,,,",
        "3.7E+08,34.3,134.0,D公園,高松市5,,,",
        "6,34.3,134.0,E公園,高松市6,,,,surplus",
        "7,34.3,134.0",
        ",0,0,F公園,高松市7,-,www.example.jp,",
        "",
    ]
    entities, report = imported(PARKS + "\n".join(rows) + "\n")
    assert report["rows"] == 9
    assert report["empty"] == {"count": 1, "rows": [3]}
    assert {each["reason"]: each["rows"] for each in report["refused"]} == {
        "no-name": [5, 9],
        "same-id": [6],
        "scientific-id": [7],
        "surplus-cells": [8],
    }
    assert {each["rule"]: each["rows"] for each in report["repaired"]} == {
        "dash-as-empty": [10],
        "id-from-name": [10],
        "no-scheme": [10],
        "swapped-position": [4],
        "zero-position": [10],
    }
    assert [row for row, _ in entities] == [2, 4, 10]


def test_the_id_of_a_row_without_a_number_stays_the_same() -> None:
    row = ",34.3,134.0,A公園,高松市1,,,\n"
    [[(_, first)], [(_, second)]] = [imported(PARKS + more + row)[0][-1:] for more in ("", "9,34.3,134.0,B,C,,,\n")]
    assert first["id"] == second["id"]
    assert first["id"].startswith("urn:ngsi-ld:Park:takamatsu-x")


def test_ids_of_the_default_tenant_have_no_prefix_and_a_path_is_a_scope() -> None:
    [(_, entity)], _ = imported(PARKS + "1,34.3,134.0,A公園,高松市1,,,\n", tenant="", path="/parks")
    assert (entity["id"], entity["scope"]) == ("urn:ngsi-ld:Park:1", "/parks")


def test_columns_that_many_files_have_need_a_name_or_a_type() -> None:
    columns = read_table((data() / "takamatsu" / "municipal_parking.csv").read_text("utf-8-sig")).columns
    with pytest.raises(InvalidRequest, match="No mapping of a known kind fits"):
        SHELF.choose(columns, Wanted())
    assert SHELF.choose(columns, Wanted("OffStreetParking")).name == "municipal-parking"
    assert SHELF.choose(columns, Wanted(mapping="bicycle-rental-port")).type == "BikeHireDockingStation"
    assert SHELF.choose(columns, Wanted(file_name="372013_municipal_parking.csv")).type == "OffStreetParking"


def test_a_file_that_fits_two_mappings_of_a_tenant_needs_a_type() -> None:
    own = [SHELF.named("reservoir-list").model_copy(update={"name": name, "type": name}) for name in ("Pond", "Dam")]
    with pytest.raises(InvalidRequest, match="say type, one of Dam, Pond"):
        MappingShelf(own).choose(["code", "reservoirName"], Wanted())


@pytest.mark.parametrize(
    ("kind", "name", "error", "words"),
    [
        ("Nothing", None, InvalidRequest, "No mapping of type Nothing fits"),
        (None, "nothing", NotFound, "Mapping nothing does not exist"),
        (None, "aed-location", InvalidRequest, "lacks columns of mapping aed-location: equipmentForChildren"),
        ("Park", "aed-location", InvalidRequest, "makes entities of type AED"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(
    kind: str | None, name: str | None, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        SHELF.choose(["#property", "name", "installationPosition"], Wanted(kind, name))


def test_the_mappings_have_names_of_their_own() -> None:
    names = [each.name for each in SHELF.all()]
    assert len(set(names)) == len(names) == 27


CHINESE = "编号,名称,地址\n1,上海图书馆,上海市徐汇区淮海中路1555号\n2,人民广场,上海市黄浦区人民大道\n"
KOREAN = "번호,이름,주소\n1,서울특별시청,서울특별시 중구 세종대로 110\n"
GERMAN = "Nr,Name,Straße\n1,Bürgerbüro,Königsstraße 5\n2,Schützenhaus,Größe\n"


@pytest.mark.parametrize(
    ("text", "encoding"), [(CHINESE, "gb18030"), (KOREAN, "euc_kr"), (GERMAN, "cp1252"), (GERMAN, "iso8859_15")]
)
def test_what_would_be_misread_as_japanese_is_refused_until_its_encoding_is_told(text: str, encoding: str) -> None:
    with pytest.raises(InvalidRequest, match="encoding"):
        decode(text.encode(encoding))
    assert decode(text.encode(encoding), encoding).text == text
    assert decode(text.encode()).text == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("id,name\n1,髙﨑\n", "cp932"),
        ("番号,氏名\n1,齋藤\n2,渡邉\n", "cp932"),
        ("番号,氏名\n1,齋藤\n2,渡邊\n", "euc_jp"),
        ("name\nﾌｸｲｼﾁｮｳ\n", "cp932"),
        ("name\nﾌｸｲｼﾁｮｳ\n", "euc_jp"),
    ],
)
def test_names_in_rare_kanji_and_halfwidth_kana_are_believed(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text
