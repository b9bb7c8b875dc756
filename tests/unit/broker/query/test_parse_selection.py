"""Scope queries (4.19) and type selection (4.17)."""

import pytest

from services.broker.domain.entity import Entity
from services.broker.domain.selection import ScopeAll, ScopeAny, ScopeExpression, ScopeIs, TypeAll, TypeAny, TypeIs
from services.broker.query.parse_scope import parse_scope
from services.broker.query.parse_type import parse_type
from services.broker.query.selection import has_types, in_paths, in_scope
from services.kernel.errors import BadData, TooComplex

MADRID, COMPANY = ScopeIs(("Madrid", "Districts")), ScopeIs(("CompanyA",))


@pytest.mark.clause("4.19")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/Madrid/Districts", MADRID),
        ("Madrid/Districts", MADRID),
        ("/Madrid/#", ScopeIs(("Madrid",), below=True)),
        ("/#", ScopeIs((), below=True)),
        ("/Madrid/+/ParqueNorte", ScopeIs(("Madrid", "+", "ParqueNorte"))),
        ("(/Madrid/Districts;/CompanyA)", ScopeAll((MADRID, COMPANY))),
        ("/Madrid/Districts;/CompanyA", ScopeAll((MADRID, COMPANY))),
        ("(/Madrid/Districts;/CompanyA)|CompanyA", ScopeAny((ScopeAll((MADRID, COMPANY)), COMPANY))),
        ("/Madrid/Districts,/CompanyA", ScopeAny((MADRID, COMPANY))),
    ],
)
def test_a_scope_query_is_read(text: str, expected: ScopeExpression) -> None:
    assert parse_scope(text) == expected


@pytest.mark.clause("4.19")
@pytest.mark.parametrize(
    ("text", "scopes", "is_in"),
    [
        ("/Madrid", ("/Madrid",), True),
        ("/Madrid", ("Madrid",), True),
        ("/Madrid", ("/Madrid/Gardens",), False),
        ("/Madrid/#", ("/Madrid",), True),
        ("/Madrid/#", ("/Madrid/Gardens/North",), True),
        ("/Madrid/#", ("/Madridejos",), False),
        ("/+/Gardens", ("/Madrid/Gardens",), True),
        ("/+/Gardens", ("/Gardens",), False),
        ("/+/+", ("/a/b/c",), False),
        ("/#", ("/x",), True),
        ("/#", (), False),
        ("/a;/b", ("/a", "/b"), True),
        ("/a;/b", ("/a",), False),
        ("/a,/b", ("/b",), True),
        ("/a.c", ("/abc",), False),
    ],
)
def test_scopes_match_level_by_level(text: str, scopes: tuple[str, ...], *, is_in: bool) -> None:
    assert in_scope(parse_scope(text), Entity("urn:x:1", ("T",), {}, scopes=scopes)) is is_in


def test_a_service_path_counts_as_scope_where_there_is_none() -> None:
    assert in_scope(parse_scope("/a/b"), Entity("e", ("T",), {}, path="/a/b"))
    assert not in_scope(parse_scope("/#"), Entity("e", ("T",), {}, path="/"))
    assert not in_scope(parse_scope("/a"), Entity("e", ("T",), {}, path="/a", scopes=("/b",)))


def test_service_paths_find_entities_by_path_and_by_scope() -> None:
    entity = Entity("e", ("T",), {}, path="/", scopes=("/a/b", "c"))
    assert [in_paths((pattern,), entity) for pattern in ("/", "/a/b", "/a/#", "/c", "/#")] == [True] * 5
    assert [in_paths((pattern,), entity) for pattern in ("/a", "/b", "/a/b/c/#", "/aa/#")] == [False] * 4
    assert in_paths((), entity)


@pytest.mark.clause("4.17")
def test_a_type_selection_is_read_and_decided() -> None:
    home, vehicle, motorhome = (TypeIs(f"x:{name}") for name in ("Home", "Vehicle", "Motorhome"))
    expected = TypeAny((TypeAll((home, vehicle)), motorhome))
    for text in ("(Home;Vehicle)|Motorhome", "(Home;Vehicle),Motorhome", "Home;Vehicle , Motorhome"):
        assert parse_type(text, lambda name: f"x:{name}") == expected
    assert parse_type("https://x.org/T#1", str) == TypeIs("https://x.org/T#1")
    assert has_types(expected, ("x:Vehicle", "x:Home"))
    assert has_types(expected, ("x:Motorhome",))
    assert not has_types(expected, ("x:Home",))


@pytest.mark.parametrize("text", ["", "/", "/a//b", "/a b", "/a+", "/#/a", "(/a", "/a)", "/a,", ";/a", "/a#"])
def test_what_is_no_scope_query_is_refused(text: str) -> None:
    with pytest.raises(BadData) as refusal:
        parse_scope(text)
    assert refusal.value.field == "scopeQ"


@pytest.mark.parametrize("text", ["", "a,", ",a", "(a", "a)", "a b", "a;;b", "()"])
def test_what_is_no_type_selection_is_refused(text: str) -> None:
    with pytest.raises(BadData) as refusal:
        parse_type(text, str)
    assert refusal.value.field == "type"


def test_selections_that_are_too_much_are_refused() -> None:
    with pytest.raises(TooComplex):
        parse_type(",".join(["a"] * 201), str)
    with pytest.raises(TooComplex):
        parse_scope("(" * 21 + "/a" + ")" * 21)
