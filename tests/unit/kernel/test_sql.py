"""Named statements and composed fragments."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.sql import Fragment, join, literal, load_statements


def test_parameters_are_renumbered_when_fragments_are_joined() -> None:
    both = literal("a = $1 and b = $2", 1, 2) + literal(" or c = $1", 3)
    assert both == Fragment("a = $1 and b = $2 or c = $3", (1, 2, 3))


def test_a_parameter_used_twice_is_moved_twice() -> None:
    moved = literal("x = $1", 0) + literal(" and $1 between $2 and $1", 7, 8)
    assert moved.text == "x = $1 and $2 between $3 and $2"
    assert moved.parameters == (0, 7, 8)


def test_ten_and_more_parameters_keep_their_places() -> None:
    ten = join(", ", [literal("$1", number) for number in range(12)])
    assert ten.text == ", ".join(f"${number}" for number in range(1, 13))


def test_nothing_joined_is_empty() -> None:
    assert join(" and ", []) == Fragment("")
    assert join(" and ", [literal("a")]) == Fragment("a")


pieces = st.lists(st.lists(st.integers(), max_size=4), max_size=6)


@given(pieces)
def test_every_place_of_a_joined_fragment_holds_its_own_value(values: list[list[int]]) -> None:
    fragments = [Fragment(" ".join(f"${n + 1}" for n in range(len(some))), tuple(some)) for some in values]
    joined = join("; ", fragments)
    places = [int(number) for number in re.findall(r"\$(\d+)", joined.text)]
    assert [joined.parameters[place - 1] for place in places] == [value for some in values for value in some]


def test_joining_is_associative() -> None:
    a, b, c = literal("$1", 1), literal(" $2 $1", 2, 3), literal(" $1", 4)
    assert (a + b) + c == a + (b + c)


def test_statements_are_read_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "statements_of_a_test"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "some.sql").write_text("-- a file\n-- name: first\nselect 1;\n\n-- name: second_one\n-- why\nselect 2\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    statements = load_statements("statements_of_a_test", "some.sql")
    assert dict(statements) == {"first": "select 1;", "second_one": "-- why\nselect 2"}
