"""Entities written back as the file that they came from, and read again, are the same."""

import csv
import io
from typing import Any

import pytest

from services.ingest.feeds.feed import Destination, Record
from services.ingest.importing.cells import REMARKS
from services.ingest.importing.decoding import decode
from services.ingest.importing.header import column_name
from services.ingest.importing.shelf import Wanted, load_mappings
from services.ingest.importing.source import OpenedFile, Reading, open_file
from services.ingest.importing.written import RowWriter
from services.local.demo.files import data

SHELF = load_mappings()
FILES = sorted((data() / "takamatsu").glob("*.csv"))
DASHES = {"-", "−"}
SETTLED = {"#property"}
"""Columns that a mapping reads only to name entities."""


def opened(content: bytes, name: str) -> OpenedFile:
    return open_file(content, SHELF, Wanted(file_name=name), Reading())


def records(file: OpenedFile) -> list[Record]:
    return [each for each in file.records(Destination("takamatsu")) if each.entity is not None]


def written(file: OpenedFile, header: list[str]) -> list[list[str]]:
    writer = RowWriter(file.mapping, "takamatsu", header)
    return [writer.header, *(writer.row(each.entity or {}) for each in records(file))]


def as_csv(rows: list[list[str]]) -> bytes:
    output = io.StringIO()
    csv.writer(output).writerows(rows)
    return output.getvalue().encode()


def same(first: str, second: str) -> bool:
    try:
        return float(first) == float(second)
    except ValueError:
        return first == second or {first, second} <= DASHES


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_published_file_comes_back_and_gives_the_same_entities(file: Any) -> None:
    content = file.read_bytes()
    first = opened(content, file.name)
    header = next(csv.reader(io.StringIO(decode(content).text, newline="")))
    back = opened(as_csv(written(first, header)), file.name)
    assert [each.entity for each in records(back)] == [each.entity for each in records(first)]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_cell_that_was_read_and_needed_no_repair_comes_back_as_it_was(file: Any) -> None:
    first = opened(file.read_bytes(), file.name)
    header = list(first.table.columns)
    rows = {row.number: row.cells for row in first.table.rows()}
    unused = {*first.description()["unused_columns"], *SETTLED}
    repaired = {each.number for each in records(first) if set(each.repairs) - REMARKS}
    changed = [
        (record.number, name)
        for record, row in zip(records(first), written(first, header)[1:], strict=True)
        for name, cell in zip(header, row, strict=True)
        if name not in unused and record.number not in repaired and not same(cell, rows[record.number][name].strip())
    ]
    assert changed == []
    assert len(repaired) < len(rows) or file.stem in (
        "open_data_list",
        "public_wireless_lan",
        "sandbag_creation_location",
    )


def test_every_kind_is_written_as_the_standard_does() -> None:
    text = (
        "全国地方公共団体コード,ID,名称,医療機関の種類,診療科目,病床数,所在地_連結表記,緯度,経度,診療曜日,診療開始時間,診療終了時間\n"
        "372013,1,A病院,病院,内科;外科,約20床,高松市1,34.3,134.05,月火水,09:00,17:00\n"
    )
    file = opened(text.encode(), "hospital.csv")
    header = text.partition("\n")[0].split(",")
    assert written(file, header)[1] == text.splitlines()[1].split(",")


def test_values_of_a_list_and_flags_are_written_as_the_mapping_says() -> None:
    shelf = load_mappings()
    site = shelf.named("standard-evacuation-site")
    writer = RowWriter(site, "yaizu", ["ID", "名称", "災害種別_洪水", "災害種別_地震", "指定避難所との重複", "なにか"])
    entity = {
        "id": "urn:ngsi-ld:EvacuationSite:yaizu-7",
        "name": {"value": "第一小"},
        "flood": {"value": "available"},
        "earthquake": {"value": "unavailable"},
        "isShelter": {"value": True},
    }
    assert writer.row(entity) == ["7", "第一小", "1", "", "1", ""]


def test_a_mapping_without_a_layout_has_one_of_its_columns() -> None:
    header = RowWriter(SHELF.named("standard-aed"), "").header
    assert header[:3] == ["ID", "設置位置", "小児対応設備の有無"]
    assert {column_name(each) for each in header} >= {"緯度", "経度", "所在地_連結表記", "利用可能曜日"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "122033_evacuation_space.csv",
            "全国地方公共団体コード,ID,名称,所在地_連結表記,所在地_都道府県,所在地_市区町村,所在地_町字,所在地_番地以下,緯度,経度,市区町村コード,災害種別_洪水\n"
            "122033,A1,公園,千葉県市川市稲越2丁目2-1,千葉県,市川市,稲越2丁目,2-1,35.75,139.95,122033,1\n",
        ),
        (
            "122033_population.csv",
            "全国地方公共団体コード,地域コード,調査年月日,地域名,総人口,男性,女性\n"
            "122033,101001,2023-03-31,国府台1丁目,632,311,321\n122033,101001,2024-03-31,国府台1丁目,630,310,320\n",
        ),
    ],
)
def test_a_standard_file_comes_back_cell_by_cell(name: str, text: str) -> None:
    file = opened(text.encode(), name)
    rows = list(csv.reader(io.StringIO(text)))
    assert written(file, rows[0]) == rows
