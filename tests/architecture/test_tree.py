"""What the tree must not contain: paths of one machine, unfinished work, silenced tests."""

import re

from tests.architecture.tree import files, place

TEXT = (".py", ".md", ".sql", ".toml", ".yml", ".yaml", ".json", ".jsonld", ".sh", ".conf", ".example", ".js", ".css")
HOMES = re.compile(r"(?<![\w.:/-])/(?:root|home/\w+|Users/\w+|work)/")
UNFINISHED = re.compile("TOD[O]|FIXM[E]|XX[X]|NotImplementedErro[r]|pragma: no cove[r]")
SILENCED = re.compile(r"mark\.(?:skip|xfail)\b|pytest\.(?:skip|xfail)\(|assert Tr" "ue")
SKIPS_FOR_A_TOOL = "tests/conftest.py:"


def _lines_with(pattern: re.Pattern[str], *suffixes: str) -> list[str]:
    found = []
    for file in files(*suffixes):
        for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines(), 1):
            if pattern.search(line):
                found.append(place(file, number))
    return found


def test_no_file_names_a_directory_of_one_machine() -> None:
    assert _lines_with(HOMES, *TEXT) == []


def test_no_work_is_left_for_later() -> None:
    assert _lines_with(UNFINISHED, ".py", ".sql", ".js") == []


def test_no_test_is_silenced() -> None:
    assert [line for line in _lines_with(SILENCED, ".py") if not line.startswith(SKIPS_FOR_A_TOOL)] == []
