"""Examples to copy for files, run as they are."""

import base64
import shutil
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.catalog.domain.dataset import Content, Dataset, Kind, Publisher
from services.catalog.domain.distribution import Distribution
from services.catalog.portal.snippets import snippets

NOW = datetime(2026, 8, 22, tzinfo=UTC)
PARKS = Dataset(uuid.uuid4(), "parks", Publisher(1, "takamatsu", "高松市"), Kind.FILE, Content({}, {}), NOW, NOW)


def examples(format_name: str, address: str) -> dict[str, str]:
    form = Distribution(access_url=address, download_url=address, format=format_name)
    return {each.title_en: each.text for each in snippets(PARKS, "https://data.example.jp", (form,))}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_python_example_reads_a_city_s_csv_in_the_encodings_that_offices_use(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "parks.csv"
    file.write_bytes("名称,面積\n中央公園,1.2\n".encode(encoding))
    code = examples("CSV", file.as_uri())["Python"]
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True, check=True, timeout=60)
    assert done.stdout.decode() == "1\n{'名称': '中央公園', '面積': '1.2'}\n"


@pytest.mark.needs("curl")
def test_the_curl_example_saves_any_file_whatever_its_address_holds(tmp_path: Path) -> None:
    file = tmp_path / "it's; touch x.xlsx"
    file.write_bytes(b"PK")
    code = examples("XLSX", f"file://{tmp_path}/it's;%20touch%20x.xlsx")
    assert list(code) == ["curl (save)"]
    subprocess.run(["sh", "-c", code["curl (save)"]], cwd=tmp_path, capture_output=True, check=True, timeout=60)
    assert (tmp_path / "parks.xlsx").read_bytes() == b"PK"
    assert not (tmp_path / "x").exists()


@pytest.mark.needs("node")
def test_the_javascript_example_reads_shift_jis(tmp_path: Path) -> None:
    body = "名称,面積\n中央公園,1.2\n".encode("cp932")
    code = examples("CSV", f"data:text/csv;base64,{base64.b64encode(body).decode()}")["JavaScript"]
    script = tmp_path / "example.mjs"
    script.write_text(code, encoding="utf-8")
    node = shutil.which("node") or "node"
    done = subprocess.run([node, str(script)], capture_output=True, check=True, timeout=60)
    assert done.stdout.decode().startswith("名称,面積")


def test_a_data_set_without_a_file_has_no_example() -> None:
    assert snippets(PARKS, "https://data.example.jp", ()) == ()
