"""How the tour's commands are run, and how a difference is told."""

from pathlib import Path

import pytest

from services.local import visit
from services.local.settings import LocalSettings
from services.local.tour import Step
from services.local.visit import difference, run_command, take_tour


def test_a_command_runs_in_a_shell_with_both_outputs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content\n")
    assert run_command("cat file | tr a-z A-Z\necho fault >&2", tmp_path) == "CONTENT\nfault"


def test_a_command_finds_hiroba(tmp_path: Path) -> None:
    assert run_command("hiroba --version", tmp_path).startswith("hiroba, version ")


def test_a_command_is_given_its_environment(tmp_path: Path) -> None:
    assert run_command("echo $HIROBA_DATA_DIR", tmp_path, {"HIROBA_DATA_DIR": "/data"}) == "/data"


def test_a_command_that_does_not_end_is_broken_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit, "COMMAND_TIMEOUT_S", 0.2)
    assert run_command("sleep 20", tmp_path) == "(no end after 0.2 s)"


def test_a_difference_names_line_command_and_both_outputs() -> None:
    step = Step("curl x", ("one", "two"), 12)
    told = difference(step, "one\nthree", 1, Path("README.md"))
    assert told == (
        "\nREADME.md:12: the command prints something else\n  curl x\n  line 2 of its output:\n    three\n"
        "  the document shows:\n    one\n    two"
    )


def test_output_that_ends_early_is_told() -> None:
    assert "(nothing more)" in difference(Step("x", ("one",), 1), "", 0, Path("README.md"))


def test_a_tour_that_cannot_be_read_starts_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("# Hiroba\n")
    assert take_tour(LocalSettings(), readme) == 1
    assert take_tour(LocalSettings(), tmp_path / "none.md") == 1
    assert capsys.readouterr().out.count("cannot be read") == 2
