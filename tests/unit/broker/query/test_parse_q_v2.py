"""The NGSIv2 simple query language."""

import pytest

from services.broker.query.parse_q_v2 import parse_mq_v2, parse_q_v2
from services.broker.query.tree import (
    All,
    AttributeTarget,
    Compare,
    EntityTarget,
    Exists,
    Filter,
    Instant,
    Not,
    OneOf,
    Operator,
    Range,
    Scalar,
)
from services.kernel.errors import BadData


def expand(name: str) -> str:
    return f"x:{name}"


def parse(text: str) -> Filter:
    return parse_q_v2(text, expand)


A = AttributeTarget("x:a")
JUNE = Instant("2026-06-01T00:00:00.000Z")


@pytest.mark.parametrize(
    ("text", "operand"),
    [
        ("a==40", 40),
        ("a:40", 40),
        ("a==-4.5e1", -45.0),
        ("a==light green", "light green"),
        ("a=='40'", "40"),
        ("a=='b,c;d..e'", "b,c;d..e"),
        ("a==null", None),
        ("a==true", True),
        ("a=='true'", "true"),
        ("a==black,red", OneOf(("black", "red"))),
        ("a=='light,green','deep,blue'", OneOf(("light,green", "deep,blue"))),
        ("a==1,2,3", OneOf((1, 2, 3))),
        ("a==10..20", Range(10, 20)),
        ("a==b..d", Range("b", "d")),
        ("a==2026-06-01", JUNE),
        ("a==2026-06-01T09:00:00.000+09:00", JUNE),
        ("a==2026-06-01..2026-06-01T00", Range(JUNE, JUNE)),
        ("a==urn:x:1", "urn:x:1"),
        ("a:urn:x:1", "urn:x:1"),
        (" a == 5 ", 5),
        ("a==高松", "高松"),
    ],
)
def test_a_value_is_read_by_its_form(text: str, operand: Scalar | Range | OneOf) -> None:
    assert parse(text) == Compare(A, Operator.EQUAL, operand)


@pytest.mark.parametrize("sign", ["==", "!=", ">", "<", ">=", "<="])
def test_every_operator_is_read(sign: str) -> None:
    assert parse(f"a{sign}x") == Compare(A, Operator(sign), "x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", A),
        ("a.b.c", AttributeTarget("x:a", keys=("b", "c"))),
        ("'a.b'.w.'x.y'", AttributeTarget("x:a.b", keys=("w", "x.y"))),
        ("dateCreated", EntityTarget("createdAt")),
        ("dateModified", EntityTarget("modifiedAt")),
        ("dateExpires", EntityTarget("expiresAt")),
        ("servicePath", EntityTarget("path")),
        ("id", AttributeTarget("x:id")),
    ],
)
def test_a_path_points_at_an_attribute_and_into_its_value(text: str, expected: AttributeTarget | EntityTarget) -> None:
    assert parse(text) == Exists(expected)
    assert parse(f"!{text}") == Not(Exists(expected))


def test_statements_hold_together() -> None:
    assert parse("a;!b;c~=^(x|y)$") == All(
        (
            Exists(A),
            Not(Exists(AttributeTarget("x:b"))),
            Compare(AttributeTarget("x:c"), Operator.MATCH, "^(x|y)$"),
        )
    )


def test_a_semicolon_may_stand_at_the_end() -> None:
    assert parse("a;") == Exists(A)


def test_a_list_may_have_null_besides() -> None:
    assert parse("a==x,null") == Compare(A, Operator.EQUAL, OneOf(("x", None)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.accuracy", AttributeTarget("x:a", ("x:accuracy",))),
        ("a.b.c.d", AttributeTarget("x:a", ("x:b",), keys=("c", "d"))),
        ("a.dateCreated", AttributeTarget("x:a", member="createdAt")),
        ("a.dateModified", AttributeTarget("x:a", member="modifiedAt")),
        ("'a.b'.'c.d'", AttributeTarget("x:a.b", ("x:c.d",))),
    ],
)
def test_the_second_token_of_mq_is_the_metadata(text: str, expected: AttributeTarget) -> None:
    assert parse_mq_v2(text, expand) == Exists(expected)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        (";", 1),
        ("a;;b", 3),
        ("a;;", 3),
        ("a=1", 1),
        ("a(b)==1", 1),
        ("a==(1)", 4),
        ("a==", 4),
        ("==1", 1),
        ("a==,1", 4),
        ("a==1,,2", 6),
        ("a=='x", 1),
        ("a=='x'y", 4),
        ("a==b=c", 4),
        ("a==<b>", 4),
        ("a>null", 3),
        ("a<true", 3),
        ("a>1,2", 3),
        ("a>1..2", 3),
        ("a==1..2..3", 4),
        ("a==1..b", 4),
        ("a==true..false", 4),
        ("a==1,x", 4),
        ("a.==1", 3),
        ("!a==1", 1),
        ("a~=", 4),
    ],
)
def test_what_is_no_query_is_refused_with_its_place(text: str, position: int) -> None:
    with pytest.raises(BadData) as refusal:
        parse(text)
    assert refusal.value.field == "q"
    assert f"position {position}" in refusal.value.detail


def test_mq_needs_a_metadata() -> None:
    with pytest.raises(BadData) as refusal:
        parse_mq_v2("a==1", expand)
    assert refusal.value.field == "mq"
