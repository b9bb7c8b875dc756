"""JEXL expressions: operators, access, transformations, and null for all that fails."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.kernel.jexl.evaluator import evaluate
from services.kernel.jexl.parser import parse
from services.kernel.jexl.transformations import TRANSFORMATIONS
from services.kernel.jexl.tree import Fault, names_in, words_in

NOW = datetime(2026, 7, 1, 9, 31, 2, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "n": 4,
    "x": 2.5,
    "s": "10 m/s",
    "t": True,
    "nothing": None,
    "list": [3, 1, 2],
    "o": {"a": {"b": 7}, "key": "a", "水位": 1},
    "名前": "芦原",
    "big": 2**53,
}


def value(expression: str) -> Any:
    return evaluate(expression, VALUES, NOW)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 4 - 3", 3),
        ("2 ^ 3 * 2", 16),
        ("7 // 2", 3),
        ("7 % 4", 3),
        ("n / 8", 0.5),
        ("8 / n", 2),
        ("-n + 1", -3),
        ("missing || -1", -1),
        ("!t", False),
        ("!missing", True),
        ("!!s", True),
        ("'a' + 1", "a1"),
        ("'it\\'s'", "it's"),
        ("n > 3 && x < 3", True),
        ("n >= 4 && s <= 'z'", True),
        ("0 || nothing || 'last'", "last"),
        ("n == 4.0", True),
        ("t == 1", False),
        ("[1, {a: [2]}] == [1, {'a': [2]}]", True),
        ("n != 4", False),
        ("missing != null ? 1 : 0", 0),
        ("nothing == null", True),
        ("2 in list", True),
        ("'m/s' in s", True),
        ("n > 9 ? 'high' : n > 3 ? 'middle' : 'low'", "middle"),
        ("nothing ?: 'none'", "none"),
        ("o.a.b", 7),
        ("o[o.key].b", 7),
        ("o.水位", 1),
        ("list[0]", 3),
        ("名前", "芦原"),
        ("(s|split(' '))[0]|parseInt", 10),
        ("1 + s|len", 7),
        ("{count: n + 1, sum: list|arrSum}", {"count": 5, "sum": 6}),
        ("{}", {}),
        ("[]", []),
        (" 1.5e2 ", 150),
    ],
)
def test_an_expression_has_its_value(expression: str, expected: Any) -> None:
    found = value(expression)
    assert found == expected
    assert isinstance(found, bool) == isinstance(expected, bool)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'aBc'|uppercase", "ABC"),
        ("'aBc'|lowercase", "abc"),
        ("'a,b'|split(',')", ["a", "b"]),
        ("'fooxybar'|indexOf('xy')", 3),
        ("'a'|indexOf('b')", None),
        ("'foobar'|len", 6),
        ("'  foo  bar '|trim", "foo  bar"),
        ("'foobar'|substring(3,5)", "ba"),
        ("'foobar'|substring(3,9)", None),
        ("'foobar'|includes('ba')", True),
        ("'foobar'|isNaN", True),
        ("'25'|isNaN", False),
        ("'25'|parseInt", 25),
        ("'-25.9'|parseInt", -25),
        ("'25.33'|parseFloat", 25.33),
        ("'x'|parseFloat", None),
        ("23|typeOf", "Number"),
        ("list|typeOf", "Array"),
        ("t|typeOf", "Boolean"),
        ("23|toString", "23"),
        ("o.a|toString", '{"b":7}'),
        ("'[1,2]'|toJson", [1, 2]),
        ("'[1,'|toJson", None),
        ("3.14|floor", 3),
        ("3.14|ceil", 4),
        ("2.5|round", 3),
        ("3.18|toFixed(1)", 3.2),
        ("1|log", 0),
        ("100|log10", 2),
        ("8|log2", 3),
        ("16|sqrt", 4),
        ("'foobar'|replaceStr('o','u')", "fuubar"),
        (r"'aba1234aba786aba'|replaceRegex('\d+','X')", "abaXabaXaba"),
        (r"'abc1234fgh897hyt'|matchRegex('\d+')", ["1234", "897"]),
        ("'a'|matchRegex('(')", None),
        ("'fr'|mapper(['es','fr'],['Spain','France'])", "France"),
        ("2|nMapper([1,2],['one','two'])", "two"),
        ("2|mapper([1,2],['one','two'])", None),
        ("0.5|thMapper([-1,1],['low','medium','high'])", "medium"),
        ("1|thMapper([-1,1],['low','medium','high'])", "high"),
        ("o.a|values", [7]),
        ("o.a|keys", ["b"]),
        ("[1,5]|arrSum", 6),
        ("[1,5]|arrAvg", 3),
        ("list|arrMax", 3),
        ("list|arrMin", 1),
        ("list|arrMed", 2),
        ("list|arrSort", [1, 2, 3]),
        ("list|arrReverse", [2, 1, 3]),
        ("['1',2]|arrSum", None),
        ("0|now", 1782898262),
        ("60|now", 1782898322),
        ("1720606949|toIsoString", "2024-07-10T10:22:29+00:00"),
        ("'2024-07-10T10:22:29+00:00'|getTime", 1720606949),
    ],
)
def test_a_transformation_gives_what_orion_documents(expression: str, expected: Any) -> None:
    assert value(expression) == expected


def test_every_transformation_of_the_list_is_there() -> None:
    words = """uppercase lowercase split indexOf len trim substring includes isNaN parseInt parseFloat typeOf toString
        toJson floor ceil round toFixed log log10 log2 sqrt replaceStr replaceRegex matchRegex mapper nMapper thMapper
        values keys arrSum arrAvg arrMax arrMin arrMed arrSort arrReverse toIsoString getTime"""
    assert set(words.split()) == TRANSFORMATIONS.keys()


@pytest.mark.parametrize(
    "expression",
    [
        *("", "1 +", "(1", "[1", "{a 1}", "a b", "'open", "1 ? 2", "n|", "n|unknown", "#", "list[0|uppercase"),
        *("missing", "missing + 1", "(missing==null)?0:1", "n / 0", "n + null", "n < 'a'", "-s", "n|len", "n|split(1)"),
        *(
            "10 ^ 400",
            "(-1)|sqrt",
            "0|log",
            "big * big * 1e300",
            "s|len(1)",
            "o.x",
            "list[7]",
            "list['a']",
            "1|toFixed(99)",
        ),
        *("(" * 100 + "1" + ")" * 100, "-" * 100 + "1", "1" + "+1" * 200, "a" * 9000, "1e999|toIsoString", "9e15|now"),
    ],
)
def test_what_fails_is_null(expression: str) -> None:
    assert value(expression) is None


def test_a_text_cannot_be_made_to_grow_without_end() -> None:
    values = {"long": "a" * 100_000}
    assert evaluate("long|replaceStr('a', long)", values, NOW) is None
    assert evaluate("long|replaceRegex('a', long)", values, NOW) is None
    assert evaluate("long" + "+long" * 20, values, NOW) is None


def test_lists_cannot_be_made_to_grow_without_end() -> None:
    values = {"long": ["a" * 1000] * 100}
    assert evaluate("[long, long]", values, NOW) == [values["long"]] * 2
    assert evaluate(f"[{', '.join(['long'] * 20)}]", values, NOW) is None
    doubled = "long"
    for _ in range(40):
        doubled = f"[{doubled}, {doubled}]" if len(doubled) < 2000 else doubled
    assert evaluate(doubled, values, NOW) is None
    assert evaluate("[" * 40 + "1" + "]" * 40, {}, NOW) is None


def test_whole_numbers_stay_whole_and_large_ones_stay_within_json() -> None:
    assert isinstance(value("8 / 4"), int)
    assert isinstance(value("big * big"), float)


def test_the_words_of_an_expression_are_its_names_and_texts() -> None:
    assert words_in(parse("a.b > 1 ? -c[0] : {x: ['d', e|f(g)]}")) == {"a", "b", "c", "d", "e", "g"}


def test_a_fault_says_what_is_wrong() -> None:
    with pytest.raises(Fault, match="'\\)' is missing"):
        parse("(1 + 2")


def test_a_test_between_brackets_chooses_the_items_of_a_list() -> None:
    rows = {"rows": [{"kind": "a", "n": 1}, {"kind": "b", "n": 2}, {"kind": "a", "n": 3}], "limit": 2}
    assert evaluate("rows[.kind == 'a']", rows, NOW) == [{"kind": "a", "n": 1}, {"kind": "a", "n": 3}]
    assert evaluate("rows[.n > limit][0].n", rows, NOW) == 3
    assert evaluate("rows[.missing == 1]", rows, NOW) is None
    assert names_in(parse("rows[.n > limit]|len")) == {"rows", "limit"}
