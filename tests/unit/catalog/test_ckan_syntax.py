"""CKAN's query syntax."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.ckan.errors import SearchQueryError
from services.catalog.ckan.fields import parse_sort
from services.catalog.ckan.syntax import parse
from services.catalog.domain.query import (
    AllOf,
    AnyOf,
    Between,
    Condition,
    Exists,
    Field,
    Is,
    Moment,
    Not,
    Sort,
    SortKey,
    Words,
)

NOW = datetime(2026, 3, 31, 12, 30, 15, 250_000, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def changed(start: datetime | None, end: datetime | None) -> Between:
    return Between(Moment.MODIFIED, start, end)


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ("", AllOf()),
        ("*:*", AllOf()),
        ("*", AllOf()),
        ("避難所", Words("避難所")),
        ("避難所 施設", AllOf((Words("避難所"), Words("施設")))),
        ('"避難 所"', Words("避難 所")),
        ("避難所 AND NOT 公園", AllOf((Words("避難所"), Not(Words("公園"))))),
        ("避難所 -公園", AllOf((Words("避難所"), Not(Words("公園"))))),
        ("避難所 OR 公園 施設", AnyOf((Words("避難所"), AllOf((Words("公園"), Words("施設")))))),
        ("(a OR b) c", AllOf((AnyOf((Words("a"), Words("b"))), Words("c")))),
        ("res_format:XLSX", Is(Field.FORMAT, "XLSX")),
        ('tags:"保健・医療・福祉"', Is(Field.TAG, "保健・医療・福祉")),
        ("tags:(a b)", AllOf((Is(Field.TAG, "a"), Is(Field.TAG, "b")))),
        ('res_format:("CSV" OR "XLSX")', AnyOf((Is(Field.FORMAT, "CSV"), Is(Field.FORMAT, "XLSX")))),
        ("+organization:takamatsu", Is(Field.ORGANIZATION, "takamatsu")),
        ("-organization:takamatsu", Not(Is(Field.ORGANIZATION, "takamatsu"))),
        ("name:env*", Is(Field.NAME, "env", is_prefix=True)),
        ("license_id:*", Exists(Field.LICENCE)),
        ("state:active", AllOf()),
        ("dataset_type:harvest", Not(AllOf())),
        ("private:false", Is(Field.ACCESS, "public")),
        ("text:公園", Words("公園")),
        (
            "metadata_modified:[2026-01-01T00:00:00Z TO *]",
            Between(Moment.MODIFIED, datetime(2026, 1, 1, tzinfo=UTC), None),
        ),
        ("metadata_modified:[NOW-7DAY TO NOW]", changed(datetime(2026, 3, 24, 12, 30, 15, 250_000, tzinfo=UTC), NOW)),
        (
            "metadata_modified:[NOW/MONTH-1MONTH TO NOW/DAY+1DAYS}",
            changed(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC) - TICK),
        ),
        ("metadata_modified:[NOW-1MONTH/SECOND TO *]", changed(datetime(2026, 2, 28, 12, 30, 15, tzinfo=UTC), None)),
        (
            r"metadata_modified:{2026-01-01T00\:00\:00Z+1YEAR TO *]",
            changed(datetime(2027, 1, 1, tzinfo=UTC) + TICK, None),
        ),
        ("a && b || c", AnyOf((AllOf((Words("a"), Words("b"))), Words("c")))),
        ("tags:a^2 title:b~0.7", AllOf((Is(Field.TAG, "a"), Is(Field.TITLE, "b")))),
        ('"a b"~2^4 (c)^1.5', AllOf((Words("a b"), Words("c")))),
        ("title:*避難*", Is(Field.TITLE, "避難", is_prefix=True)),
        ("extras_spatial_code:372013", Is(Field.SPATIAL, "372013")),
        ("site_id:default", AllOf()),
        (r"a\:b", Words("a:b")),
        (r'title:"a\"b"', Is(Field.TITLE, 'a"b')),
    ],
)
def test_a_query_means(query: str, condition: Condition) -> None:
    assert parse(query, NOW, fields_only=False) == condition
    assert parse(query, NOW, fields_only=True) == condition


def test_an_unknown_field_is_words_in_q_and_refused_in_fq() -> None:
    assert parse("https://example.jp/x", NOW, fields_only=False) == Words("https://example.jp/x")
    with pytest.raises(SearchQueryError, match="field 'colour' is unknown"):
        parse("colour:red", NOW, fields_only=True)


@pytest.mark.parametrize(
    "query",
    [
        '"a',
        "(a",
        "a)",
        "a OR",
        "NOT",
        "tags:",
        "tags:)",
        "tags:[a TO b]",
        "metadata_modified:2026",
        "metadata_modified:[2026 TO",
        "metadata_modified:[a TO b]",
        "metadata_modified:[NOW-1FORTNIGHT TO *]",
        "metadata_modified:[NOW-999999999YEARS TO *]",
        "metadata_modified:[NOW+999999999DAYS TO *]",
        "metadata_modified:{* TO *",
        "tags:*園",
        "{!lucene}a",
        "{a}",
        "metadata_modified:[* *]",
        "a\\",
        "(" * 21 + "a" + ")" * 21,
        "a " * 201,
        "a" * 4001,
    ],
)
def test_a_broken_query_is_refused(query: str) -> None:
    with pytest.raises(SearchQueryError):
        parse(query, NOW, fields_only=True)


PIECES = [*'ab避()[]{}":*-+!~^2&|\\ ', " OR ", " AND ", " NOT ", "tags:", "TO", "NOW/DAY", "metadata_created:"]


@given(st.lists(st.sampled_from(PIECES)))
def test_any_text_is_a_query_or_refused_as_one(pieces: list[str]) -> None:
    for fields_only in (True, False):
        with contextlib.suppress(SearchQueryError):
            assert parse("".join(pieces), NOW, fields_only=fields_only) is not None


def test_an_order_is_read() -> None:
    assert parse_sort("score desc, metadata_modified desc,name") == (
        Sort(SortKey.SCORE, is_descending=True),
        Sort(SortKey.MODIFIED, is_descending=True),
        Sort(SortKey.NAME),
    )
    for wrong in ("", "colour asc", "name upwards"):
        with pytest.raises(SearchQueryError):
            parse_sort(wrong)
