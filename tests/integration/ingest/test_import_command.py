"""`hiroba import` and `hiroba imports` against a real ingest whose context broker keeps nothing."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.ingest.main import create_api
from services.ingest.settings import IngestSettings
from services.ingest.sink.null import NullSink
from services.kernel.app import wrap
from services.local.demo.files import data
from services.local.ports import free_port
from tests.support.serving import served


@pytest.fixture
def ingest_url(database_url: str, tmp_path: Path) -> Iterator[str]:
    settings = IngestSettings(
        database_url=database_url,
        data_dir=tmp_path,
        mqtt_url=f"mqtt://127.0.0.1:{free_port()}",
        auth_url=f"http://127.0.0.1:{free_port()}",
        tenant_creation="on-write",
    )
    api = create_api(settings, NullSink())
    with served(wrap(api, settings, api.state.registry)) as url:
        yield url


def run(url: str, *arguments: str, language: str = "C") -> Result:
    return CliRunner().invoke(main, list(arguments), env={"HIROBA_INGEST_URL": url, "LC_ALL": language})


def test_a_citys_files_are_imported_and_the_report_is_shown(ingest_url: str) -> None:
    files = [str(data() / "takamatsu" / f"{name}.csv") for name in ("evacuation_space", "municipal_parking")]
    result = run(ingest_url, "import", *files, "--tenant", "takamatsu")
    assert result.exit_code == 0, result.output
    assert "evacuation_space.csv: 195 rows: 194 accepted (0 new), 0 empty, 1 refused" in result.output
    assert "EvacuationSite, mapping evacuation-space, utf-8, named by number: finished (run 1)" in result.output
    assert "refused 1 × placeholder" in result.output
    assert "municipal_parking.csv: 8 rows: 8 accepted" in result.output
    in_japanese = run(ingest_url, "import", files[0], "--dry-run", language="ja_JP.UTF-8").output
    assert "refused 1 × placeholder: 記入例、または記入されていない行です: The row's name 新規マップピン" in in_japanese
    listed = run(ingest_url, "imports", "list", "--tenant", "takamatsu", "--search", "parking").output
    assert [line.split()[0] for line in listed.splitlines()] == ["run", "2"]


def test_a_dry_run_writes_nothing_and_a_wrong_type_fails_in_one_line(ingest_url: str, tmp_path: Path) -> None:
    file = tmp_path / "井戸.csv"
    file.write_text("番号,井戸名,緯度,経度\n1,北,34.8,138.3\n", encoding="cp932")
    result = run(ingest_url, "import", str(file), "--dry-run")
    assert "1 accepted" in result.output
    assert "井戸名 → " in result.output
    assert run(ingest_url, "imports", "list").output.count("\n") == 1
    result = run(ingest_url, "import", str(file), "--mapping", "nothing")
    assert result.exit_code == 1
    assert "Mapping nothing does not exist" in result.output


def test_refused_rows_are_written_corrected_and_sent_again(ingest_url: str, tmp_path: Path) -> None:
    file, refused = tmp_path / "aed.csv", tmp_path / "refused.csv"
    file.write_text("ID,名称,設置位置,小児対応設備の有無\n1,A,玄関,有\n2,,玄関,有\n1,C,車庫,無\n", encoding="utf-8")
    assert run(ingest_url, "import", str(file)).exit_code == 0
    assert run(ingest_url, "imports", "refused", "1", "--to", str(refused)).exit_code == 0
    rows = list(csv.reader(refused.read_text("utf-8-sig").splitlines()))
    rows[1][1] = "B"
    with refused.open("w", encoding="utf-8", newline="") as output:
        csv.writer(output).writerows(rows)
    assert run(ingest_url, "imports", "resend", "1", str(refused)).output == (
        "1 of 2 rows are accepted now, 1 refused again\n"
    )
    assert "3 rows: 2 accepted" in run(ingest_url, "imports", "show", "1").output
    assert "has ended" in run(ingest_url, "imports", "stop", "1").output


def test_mappings_are_listed_stored_and_deleted(ingest_url: str, tmp_path: Path) -> None:
    file = tmp_path / "well.json"
    file.write_text(
        '{"type": "Well", "recognised_by": ["井戸"], "attributes": [{"name": "name", "columns": ["井戸"]}]}'
    )
    assert run(ingest_url, "imports", "mapping", "well", str(file), "--tenant", "yaizu").exit_code == 0
    listed = run(ingest_url, "imports", "mappings", "--tenant", "yaizu").output.splitlines()
    assert listed[1].split()[:3] == ["well", "Well", "yes"]
    assert '"type": "Well"' in run(ingest_url, "imports", "mapping", "well", "--tenant", "yaizu").output
    assert run(ingest_url, "imports", "mapping", "well", "--tenant", "yaizu", "--delete").exit_code == 0
    assert run(ingest_url, "imports", "mapping", "well", "--tenant", "yaizu").exit_code == 1
