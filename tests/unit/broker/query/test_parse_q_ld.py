"""The NGSI-LD query language (4.9)."""

import pytest

from services.broker.query.parse_q_ld import parse_q_ld
from services.broker.query.tree import (
    All,
    Any,
    AttributeTarget,
    Compare,
    EntityTarget,
    Exists,
    Filter,
    Instant,
    Linked,
    Not,
    OneOf,
    Operator,
    Range,
    Scalar,
)
from services.kernel.errors import BadData, TooComplex


def expand(name: str) -> str:
    return name if ":" in name else f"x:{name}"


def parse(text: str) -> Filter:
    return parse_q_ld(text, expand)


def target(name: str, *subs: str, member: str | None = None, keys: tuple[str, ...] = ()) -> AttributeTarget:
    return AttributeTarget(f"x:{name}", tuple(f"x:{sub}" for sub in subs), member, keys)


def equal(name: str, operand: Scalar | Range | OneOf) -> Compare:
    return Compare(target(name), Operator.EQUAL, operand)


JUNE = Instant("2026-06-01T00:00:00.000Z")
JULY = Instant("2026-07-01T00:00:00.000Z")


@pytest.mark.clause("4.9")
@pytest.mark.parametrize(
    ("text", "operand"),
    [
        ("a==20", 20),
        ("a==-2.50e1", -25.0),
        ("a==true", True),
        ("a==false", False),
        ('a=="true"', "true"),
        ('a=="20"', "20"),
        ('a=="a;b|(c),d..e"', "a;b|(c),d..e"),
        (r'a=="say \"yes\" \u540d \\"', 'say "yes" 名 \\'),
        (r'a=="\d"', r"\d"),
        ("a==urn:ngsi-ld:City:Pisa", "urn:ngsi-ld:City:Pisa"),
        ("a==http://x.org/a..b?c=d#e", "http://x.org/a..b?c=d#e"),
        ("a==commercial", "commercial"),
        ("a==高松", "高松"),
        ("a == 3 ", 3),
        ("a==12:00:00Z", "12:00:00Z"),
        ("a==99999999999999999999", 1e20),
        ("a==1,2", OneOf((1, 2))),
        ('a=="b", "c"', OneOf(("b", "c"))),
        ("a==10..20", Range(10, 20)),
        ('a=="b".."d"', Range("b", "d")),
        ("a==1..2,5", OneOf((Range(1, 2), 5))),
        ("a==2026-06-01", OneOf(("2026-06-01", JUNE))),
        ("a==2026-06-01T00:00:00Z", OneOf(("2026-06-01T00:00:00Z", JUNE))),
        ('a=="2026-06-01T09:00:00+09:00"', OneOf(("2026-06-01T09:00:00+09:00", JUNE))),
        ("a==2026-06-01..2026-07-01", OneOf((Range("2026-06-01", "2026-07-01"), Range(JUNE, JULY)))),
    ],
)
def test_a_value_is_read_by_its_form(text: str, operand: Scalar | Range | OneOf) -> None:
    assert parse(text) == equal("a", operand)


@pytest.mark.clause("4.9")
@pytest.mark.parametrize("sign", [operator.value for operator in Operator if "~" not in operator.value])
def test_every_operator_is_read(sign: str) -> None:
    assert parse(f"a{sign}5") == Compare(target("a"), Operator(sign), 5)


@pytest.mark.clause("4.9")
@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ('a~="^Eif(fel|x);"', "^Eif(fel|x);"),
        (r'a~="\\d+"', r"\d+"),
        (r'a~="\d+"', r"\d+"),
        (r'a~="say \"x\""', 'say "x"'),
        ("a~=^(b|c)d", "^(b|c)d"),
    ],
)
def test_a_pattern_is_read_quoted_or_bare(text: str, pattern: str) -> None:
    assert parse(text) == Compare(target("a"), Operator.MATCH, pattern)
    assert parse(text.replace("~=", "!~=", 1)) == Compare(target("a"), Operator.NO_MATCH, pattern)


@pytest.mark.clause("4.9")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", target("a")),
        ("a.b.c", target("a", "b", "c")),
        ("a.observedAt", target("a", member="observedAt")),
        ("a.b.unitCode", target("a", "b", member="unitCode")),
        ("a[city]", target("a", keys=("city",))),
        ("a.b[x.y]", target("a", "b", keys=("x", "y"))),
        ("a[*]", target("a", keys=("*",))),
        ("a[zh-Hant]", target("a", keys=("zh-Hant",))),
        ("ex:a", AttributeTarget("ex:a")),
        ("https://x.org/a.b#c", AttributeTarget("https://x.org/a.b#c")),
        ("水位", target("水位")),
        ("createdAt", EntityTarget("createdAt")),
        ("id", EntityTarget("uri")),
        ("type", EntityTarget("type")),
        ("observedAt", target("observedAt")),
    ],
)
def test_a_path_points_at_a_place(text: str, expected: AttributeTarget | EntityTarget) -> None:
    assert parse(text) == Exists(expected)


@pytest.mark.clause("4.9")
def test_and_binds_more_than_or_and_parentheses_more_than_both() -> None:
    a, b, c = (Exists(target(name)) for name in "abc")
    assert parse("a;b|c") == Any((All((a, b)), c))
    assert parse("a|b;c") == Any((a, All((b, c))))
    assert parse("(a|b);c") == All((Any((a, b)), c))
    assert parse("((a));!b") == All((a, Not(b)))
    assert parse("!(a|b)") == Not(Any((a, b)))
    assert parse(" a ; b ") == All((a, b))


@pytest.mark.clause("4.9")
def test_linked_entities_are_followed() -> None:
    humid = Compare(target("humidity"), Operator.EQUAL, 40)
    assert parse("sensor{humidity}==40") == Linked("x:sensor", (), (), humid)
    assert parse("sensor{Device,Probe:humidity}==40") == Linked("x:sensor", (), ("x:Device", "x:Probe"), humid)
    assert parse("a.b{c{humidity}}==40") == Linked("x:a", ("x:b",), (), Linked("x:c", (), (), humid))


def test_times_are_compared_with_instants_even_when_quoted() -> None:
    for place in (EntityTarget("modifiedAt"), target("a", member="observedAt")):
        text = "modifiedAt" if isinstance(place, EntityTarget) else "a.observedAt"
        assert parse(f'{text}>"2026-06-01T00:00:00Z"') == Compare(place, Operator.GREATER, JUNE)
        assert parse(f"{text}>=2026-06-01") == Compare(place, Operator.GREATER_EQUAL, JUNE)


def test_a_date_time_is_ordered_against_date_times_and_against_plain_strings() -> None:
    parts = (Compare(target("a"), Operator.GREATER, "2026-06-01"), Compare(target("a"), Operator.GREATER, JUNE))
    assert parse("a>2026-06-01") == Any(parts)


def test_values_of_listed_attributes_are_expanded() -> None:
    query = parse_q_ld('gender==Male,"Female";name==Male', expand, frozenset({"gender"}))
    assert query == All((equal("gender", OneOf(("x:Male", "x:Female"))), equal("name", "Male")))
    assert parse("type==Device") == Compare(EntityTarget("type"), Operator.EQUAL, "x:Device")


@pytest.mark.clause("4.9")
@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("a;", 3),
        ("a|", 3),
        (";a", 1),
        ("(a", 3),
        ("a)", 2),
        ("()", 2),
        ("a==", 4),
        ("==1", 1),
        ("a=1", 2),
        ("a==1,", 6),
        ('a=="b', 4),
        ('a=="b"c', 7),
        ("a==b==c", 4),
        ('a==b"c', 4),
        ("a>1..2", 4),
        ("a>1,2", 4),
        ("a>true", 3),
        ('a==1.."b"', 4),
        ("a==true..false", 4),
        ("a==1..", 7),
        ("a.", 3),
        ("a..b", 3),
        ("a[", 3),
        ("a[]", 3),
        ("a[b..c]", 3),
        ("a[b", 4),
        ("a{b", 4),
        ("a{,:b}", 3),
        ("a.observedAt[x]", 16),
        ("a~=", 4),
        ("!", 2),
        ("a b", 3),
    ],
)
def test_what_is_no_query_is_refused_with_its_place(text: str, position: int) -> None:
    with pytest.raises(BadData) as refusal:
        parse(text)
    assert refusal.value.field == "q"
    assert f"position {position}" in refusal.value.detail


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(BadData, match="in the pattern at 2"):
        parse('a~="("')


@pytest.mark.parametrize("character", ["\x00", "\ud800"])
def test_characters_that_no_database_takes_are_refused(character: str) -> None:
    with pytest.raises(BadData):
        parse(f'a=="{character}"')


@pytest.mark.parametrize(
    "text", ["(" * 21 + "a" + ")" * 21, "!" * 25 + "a", ";".join(["a"] * 201), "a==" + "x" * 16_384]
)
def test_a_query_that_is_too_much_is_refused(text: str) -> None:
    with pytest.raises(TooComplex):
        parse(text)
