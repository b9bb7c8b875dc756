"""The README's tour: how its steps are read and how their output is compared."""

import pytest

from services.local.tour import Step, TourError, differs, line_fits, read_tour

DOCUMENT = """\
# Hiroba

```console
$ not in the tour
```

## Tour in two minutes

```console
$ curl -s 'http://127.0.0.1:1026/version' \\
>   -H 'Accept: application/json'
{"version": …}

$ echo done
done
```

```sh
$ not a console
```

### Deeper

```console
$ true
```

## After

```console
$ not in the tour either
```
"""


def test_the_tour_is_read_in_order_with_continued_commands() -> None:
    assert read_tour(DOCUMENT) == [
        Step("curl -s 'http://127.0.0.1:1026/version' \\\n  -H 'Accept: application/json'", ('{"version": …}',), 10),
        Step("echo done", ("done",), 14),
        Step("true", (), 25),
    ]


def test_a_document_without_a_tour_is_refused() -> None:
    with pytest.raises(TourError, match="no console block"):
        read_tour("# Hiroba\n\n```console\n$ true\n```\n")


def test_output_before_a_command_is_refused() -> None:
    with pytest.raises(TourError, match="Line 4 "):
        read_tour("## Tour\n\n```console\nstray\n$ true\n```\n")


@pytest.mark.parametrize(
    ("expected", "actual", "fits"),
    [
        ("same", "same", True),
        ("same ", "same", True),
        ("id …", "id urn:x:1", True),
        ("a … b … c", "a 1 b 2 c", True),
        ("a … c", "a b", False),
        ("[1]", "1", False),
        ("…", "", True),
        ("観測 …", "観測 足羽川", True),
    ],
)
def test_an_ellipsis_matches_anything_within_a_line(expected: str, actual: str, *, fits: bool) -> None:
    assert line_fits(expected, actual) is fits


@pytest.mark.parametrize(
    ("expected", "actual", "difference"),
    [
        ([], [], None),
        (["a"], ["a"], None),
        (["a"], ["b"], 0),
        (["a", "b"], ["a", "c"], 1),
        (["a", "b"], ["a"], 1),
        (["a"], ["a", "b"], 1),
        ([], ["a"], 0),
        (["…"], [], None),
        (["…"], ["x", "y"], None),
        (["a", "…", "z"], ["a", "z"], None),
        (["a", "…", "z"], ["a", "1", "z", "2", "z"], None),
        (["a", "…", "z"], ["a", "1", "2"], 3),
        (["…", "b", "…"], ["a", "b", "c"], None),
        (["…", "b", "…", "d"], ["b", "b", "c", "e"], 4),
    ],
)
def test_the_first_line_that_differs_is_found(expected: list[str], actual: list[str], difference: int | None) -> None:
    assert differs(expected, actual) == difference
