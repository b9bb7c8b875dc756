"""Files of live data sets as they pass by."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import orjson
import pyarrow.parquet as pq
import pytest

from services.catalog.domain.column_label import label
from services.catalog.domain.live_statistics import LiveAttribute
from services.catalog.downloads import parquet as module
from services.catalog.downloads.csv_heading import headed, with_headings
from services.catalog.downloads.parquet import parquet

UNITS = {"waterLevel": "MTR"}


async def parts(*texts: str) -> AsyncIterator[bytes]:
    for text in texts:
        yield text.encode()


async def joined(made: AsyncIterator[bytes]) -> bytes:
    return b"".join([part async for part in made])


def test_columns_have_labels_in_two_languages_with_their_units() -> None:
    columns = ["id", "name_ja", "location_lat", "location_lon", "waterLevel", "waterLevel_observedAt", "spare_lat", "x"]
    assert headed(columns, "ja", UNITS) == [
        "ID",
        "名称_ja",
        "緯度",
        "経度",
        "水位 (MTR)",
        "水位_観測日時",
        "spare_緯度",
        "x",
    ]
    assert headed(columns, "en", UNITS)[2:6] == [
        "Latitude",
        "Longitude",
        "Water level (MTR)",
        "Water level_observed at",
    ]
    assert headed(columns, "name", UNITS) == columns


def test_no_two_headings_are_the_same() -> None:
    assert label("note", "ja", {}) == "備考"
    assert headed(["note", "備考"], "ja", {}) == ["備考 (note)", "備考 (備考)"]


async def test_a_heading_is_put_in_words_wherever_the_parts_are_cut() -> None:
    made = await joined(with_headings(parts("id,wat", 'erLevel\n1,"a', '\nb"\n'), "ja", UNITS, mark=True))
    assert made.decode() == '\ufeffID,水位 (MTR)\n1,"a\nb"\n'


async def test_a_file_without_rows_keeps_its_heading() -> None:
    assert await joined(with_headings(parts("id,note"), "en", {}, mark=False)) == b"Identifier,Remarks\n"


async def test_parquet_keeps_types_in_row_groups_and_tells_what_does_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GROUP_BYTES", 300)
    monkeypatch.setattr(module, "_BATCH_BYTES", 50)
    rows = [
        {
            "id": f"urn:x:{n}",
            "level": n / 2 if n != 7 else "*",
            "level_observedAt": "2026-01-31T00:00:00Z",
            "location_lat": 36.5,
            "open": n % 2 == 0,
            "tags": ["a"] if n == 3 else None,
        }
        for n in range(20)
    ]
    lines = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    known = [LiveAttribute("i", "level", 20, values=("number",)), LiveAttribute("o", "open", 20, values=("boolean",))]

    async def cut() -> AsyncIterator[bytes]:
        for start in range(0, len(lines), 37):
            yield lines[start : start + 37]

    file = pq.ParquetFile(io.BytesIO(await joined(parquet(cut(), known))))
    assert file.num_row_groups > 5
    found = file.read().to_pylist()
    assert [row["id"] for row in found] == [row["id"] for row in rows]
    assert (found[3]["level"], found[3]["open"], found[3]["tags"]) == (1.5, False, '["a"]')
    assert (found[7]["level"], found[7]["_unfit"], found[6]["_unfit"]) == (None, '{"level":"*"}', None)
    assert found[0]["level_observedAt"] == datetime(2026, 1, 31, tzinfo=UTC)
    assert found[0]["location_lat"] == 36.5


async def test_parquet_without_rows_is_a_file_all_the_same() -> None:
    assert pq.read_table(io.BytesIO(await joined(parquet(parts(), [])))).num_rows == 0
