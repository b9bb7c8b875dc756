"""JEXL as IoT agents evaluate it: JavaScript's values and their transformations."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.ingest.domain.expression.compiled import Scope, compile_expression
from services.ingest.domain.expression.transformations import TRANSFORMATIONS
from services.kernel.jexl.tree import Fault

NOW = datetime(2026, 7, 1, 9, 31, 2, 500000, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "value": 6,
    "ts": 1637245214901,
    "name": "DevId629",
    "object": {"name": "John", "surname": "Doe"},
    "array": [1, 3],
    "text": " hello world ",
    "half": 2.5,
    "yes": True,
    "nothing": None,
    "rows": [{"k": "a", "n": 1}, {"k": "b", "n": 2}],
}


def value(expression: str) -> Any:
    return compile_expression(expression).value(Scope(VALUES, NOW))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("5 * value", 30),
        ("(6 + value) * 3", 36),
        ("value / 12 + 1", 1.5),
        ("(5 + 2) * (value + 7)", 91),
        ("value * 5.2", 31.200000000000003),
        ('"Pruebas " + "De Strings"', "Pruebas De Strings"),
        ("name + 'value is ' +value", "DevId629value is 6"),
        ("{coordinates: [value,value], type: 'Point'}", {"coordinates": [6, 6], "type": "Point"}),
        ("ts|toisodate", "2021-11-18T14:20:14.901Z"),
        ("' a '| trim", "a"),
        ("name|length", 8),
        ('name|indexOf("e")', 1),
        ('name|substr(0,name|indexOf("e")+1)', "De"),
    ],
)
def test_the_documented_examples_have_their_values(expression: str, expected: Any) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("missing * 2", None),
        ("missing + 1", None),
        ("'a' + missing", None),
        ("1 + 'a'", "1a"),
        ("'3' * '4'", 12),
        ("yes + 1", 2),
        ("nothing + 1", 1),
        ("'6' == value", True),
        ("nothing == missing", True),
        ("'' == 0", True),
        ("[1] == '1'", True),
        ("'10' < '9'", True),
        ("'10' < 9", False),
        ("1 / 0", None),
        ("0.1 + 0.2", 0.30000000000000004),
        ("7 // 2", 3),
        ("-7 % 3", -1),
        ("2 ^ 10", 1024),
        ("'b' in 'abc'", True),
        ("3 in array", True),
        ("'3' in array", False),
        ("missing || 'other'", "other"),
        ("value > 5 ? 'high' : 'low'", "high"),
        ("missing ?: 7", 7),
        ("object.name", "John"),
        ("array[1]", 3),
        ("array.length", 2),
        ("rows.n", 1),
        ("rows[.n > 1].k", "b"),
        ("!missing", True),
        ("missing.deeper", None),
        ("'' + 0.000001", "0.000001"),
        ("'' + 0.0000001", "1e-7"),
        ("'' + 1.0", "1"),
        ("'' + [1, [2, 3]]", "1,2,3"),
    ],
)
def test_operators_convert_as_javascript_does(expression: str, expected: Any) -> None:
    assert value(expression) == expected
    assert type(value(expression)) is type(expected)


TRANSFORMED: list[tuple[str, Any]] = [
    ("'{\"a\":1}'|jsonparse", {"a": 1}),
    ("'{'|jsonparse", None),
    ("object|jsonstringify", '{"name":"John","surname":"Doe"}'),
    ("name|indexOf('x')", -1),
    ("12345|length", 5),
    ("text|trim", "hello world"),
    ("name|substr(-3)", "629"),
    ("array|addreduce", 4),
    ("['a','b']|addreduce", "ab"),
    ("array|lengtharray", 2),
    ("array|typeof", "object"),
    ("half|typeof", "number"),
    ("array|isarray", True),
    ("'x'|isnan", True),
    ("'15 km'|parseint", 15),
    ("'x'|parseint", None),
    ("'-1.5e2m'|parsefloat", -150),
    ("'2021-11-18'|toisodate", "2021-11-18T00:00:00.000Z"),
    ("'nonsense'|toisodate", None),
    ("'2021-11-18T00:00:00Z'|timeoffset", 0),
    ("half|tostring", "2.5"),
    ("'a b/ä'|urlencode", "a%20b/%C3%A4"),
    ("'a%20b'|urldecode", "a b"),
    ("'aXbX'|replacestr('X','-')", "a-bX"),
    ("'aXbX'|replaceallstr('X','-')", "a-b-"),
    ("'a1b22'|replaceregexp('[0-9]+','#')", "a#b22"),
    ("'a1b22'|replaceallregexp('([0-9]+)','<$1>')", "a<1>b<22>"),
    ("'40.4165, -3.70256'|split(', ')[1]|parsefloat()", -3.70256),
    ("array|joinarrtostr('-')", "1-3"),
    ("array|concatarr([5])", [1, 3, 5]),
    ("value|mapper([1, 6],['low','six'])", "six"),
    ("value|mapper([1],['low'])", None),
    ("value|thmapper([5, 10],['a','b'])", "b"),
    ("value|thmapper([1],['a'])", None),
    ("6|bitwisemask(2,'&',1)", 1),
    ("array|slice(1,2)", [3]),
    ("array|addset(3)", [1, 3]),
    ("array|addset(4)", [1, 3, 4]),
    ("array|removeset(1)", [3]),
    ("name|touppercase", "DEVID629"),
    ("name|tolowercase", "devid629"),
    ("half|floor", 2),
    ("half|ceil", 3),
    ("half|round", 3),
    ("'3.14159'|tofixed(2)", "3.14"),
    ("'2021/11/18 14:20'|gettime", 1637245200000),
    ("ts|toisostring", "2021-11-18T14:20:14.901Z"),
    ("ts|localestring('en-US',{timeZone:'Asia/Tokyo'})", "11/18/2021, 11:20:14 PM"),
    ("ts|localestring('ja-JP',{timeZone:'Asia/Tokyo'})", "2021/11/18 23:20:14"),
    ("1234567.891|localestringnumber('de-DE')", "1.234.567,891"),
    ("'68656c6c6f'|hextostring", "hello"),
    ("'6'|hextostring", None),
    ("object|valuePicker('Doe')", ["surname"]),
    ("object|valuePickerMulti(['Doe','John'])", ["name", "surname"]),
    ("name|hash", "44341F0D"),
    ("1|now", 1782898262500),
]


@pytest.mark.parametrize(("expression", "expected"), TRANSFORMED)
def test_a_transformation_gives_what_the_agent_documents(expression: str, expected: Any) -> None:
    assert value(expression) == expected


def test_every_transformation_has_an_example() -> None:
    shown = " ".join(expression for expression, _ in TRANSFORMED)
    assert [name for name in TRANSFORMATIONS if f"|{name}" not in shown] == []


def test_what_is_missing_is_not_transformed() -> None:
    assert value("missing|trim") is None
    assert value("missing|tostring") is None


def test_a_transformation_that_does_not_exist_is_refused_when_it_is_written() -> None:
    with pytest.raises(Fault, match="there is no transformation shout"):
        compile_expression("name|shout")


def test_a_value_cannot_grow_without_bounds() -> None:
    assert value("(('x'|replaceallstr('x','" + "y" * 5000 + "'))|replaceallstr('y','" + "z" * 3000 + "'))") is None
    assert value("10 ^ 400") is None


@pytest.mark.parametrize("doubled", ["[last, last]", "{a: last, b: last}", "last|concatarr(last)", "last + last"])
def test_what_doubles_with_each_attribute_has_no_value_beyond_a_size(doubled: str) -> None:
    scope = Scope({"last": ["x" * 1000] * 10}, NOW)
    found = scope.values["last"]
    for _ in range(40):
        found = compile_expression(doubled).value(scope)
        if found is None:
            break
        scope = Scope({"last": found}, NOW)
    assert found is None


def test_the_expressions_of_a_measure_have_a_size_together() -> None:
    scope = Scope({"text": "x" * 300_000}, NOW)
    assert [compile_expression("text|trim").value(scope) is None for _ in range(4)] == [False, False, False, True]


def test_what_takes_long_grows_large_or_goes_deep_has_no_value() -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    picks = [f"k{number}" for number in range(20_000)]
    surroundings = {"picks": picks, "rows": [{"k": pick} for pick in picks], "text": "x" * 1000, "deep": deep}
    for expression in ("rows[.k in picks]", "picks|joinarrtostr(text)", "deep", "deep|tostring"):
        assert compile_expression(expression).value(Scope(surroundings, NOW)) is None, expression


def test_items_that_differ_are_found_in_one_pass() -> None:
    surroundings = {"many": [*range(20_000), 0, 1.0, True, "1", [1], [1.0], {"a": 1}, {"a": 1}]}
    found = compile_expression("many|addset(1)").value(Scope(surroundings, NOW))
    assert found[20_000:] == [True, "1", [1], {"a": 1}]
