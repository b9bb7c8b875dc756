"""Files and functions stay small enough to be read at once."""

import pytest

from tests.architecture.tree import definitions, files, place

pytestmark = pytest.mark.xdist_group("definitions")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {place(file): len(file.read_text(encoding="utf-8").splitlines()) for file in files(".py", ".sql")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    functions = [each for each in definitions() if not each.is_class]
    long = [each for each in functions if each.length > LONGEST_FUNCTION]
    assert {f"{place(each.file, each.line)} {each.name}": each.length for each in long} == {}
