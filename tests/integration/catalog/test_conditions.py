"""The query tree as SQL selects what plain Python selects: on every condition over known data sets."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.audience import Audience
from services.catalog.domain.comparison import Comparator, Compared, Said, Text
from services.catalog.domain.dataset import Content, Dataset, Kind, Live, Publisher
from services.catalog.domain.distribution import Distribution, with_identifiers
from services.catalog.domain.query import AllOf, AnyOf, Between, Condition, Exists, Field, Is, Moment, Not, Slice, Words
from services.catalog.domain.search_terms import document, normalise
from services.catalog.domain.tag import tag_name
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.conditions import clause
from services.catalog.store.find import find
from services.catalog.store.publishers import publisher
from services.catalog.store.ranking import titled
from services.catalog.store.write import add

START = datetime(2026, 1, 1, tzinfo=UTC)
EVERYTHING = Audience(everything=True)
WORDS = ["避難所", "避難", "難所", "公園", "ＡＥＤ", "aed", "所", "避難 公園", "", "見つからない"]


def example(number: int, owner: Publisher, live: Live | None = None) -> Dataset:
    """Return one of a family of data sets that differ in every respect."""
    identifier = uuid.UUID(int=number + 1)
    forms = [
        Distribution(access_url="https://e.jp/x", format=name) for name in (["CSV"], [], ["XLSX", "PDF"])[number % 3]
    ]
    content = Content(
        titles={"ja": ("避難所", "AED 公園", "避難 公園")[number % 3]},
        descriptions={"ja": ("難所の所", "ＡＥＤ")[number % 2]},
        licence=("CC-BY-4.0", "notspecified")[number % 2],
        themes=(("ENVI", "TRAN"), ())[number // 2 % 2],
        keywords=(("保健・医療", "公園"), ())[number // 3 % 2],
        spatial=("180009", None)[number % 2],
        distributions=with_identifiers(identifier, forms),
    )
    created = START + timedelta(days=number)
    kind = Kind.LIVE if live else Kind.FILE
    return Dataset(identifier, f"name-{number}", owner, kind, content, created, created, live=live)


def holds(condition: Condition, each: Dataset) -> bool:
    """Decide a condition in plain Python."""
    match condition:
        case Words(phrase):
            return normalise(phrase) in _document(each)
        case Is(Field.TITLE, value):
            return normalise(value) in document((*each.content.titles.values(), each.name))
        case Is(field, value, is_prefix):
            found = [have for have in _values(field, each) if have is not None]
            wanted = {Field.TAG: tag_name, Field.FORMAT: str.casefold, Field.THEME: str.upper}.get(field, str)(value)
            return any(have.startswith(wanted) if is_prefix else have == wanted for have in found)
        case Exists(field):
            return any(have is not None for have in _values(field, each))
        case Between(_, start, end):
            return (start is None or each.created_at >= start) and (end is None or each.created_at <= end)
        case Not(inner):
            return not holds(inner, each)
        case AllOf(conditions):
            return all(holds(inner, each) for inner in conditions)
        case AnyOf(conditions):
            return any(holds(inner, each) for inner in conditions)


def _document(each: Dataset) -> str:
    live = (each.live.entity_type, each.live.type_name) if each.live else ()
    content = each.content
    return document((*content.titles.values(), *content.descriptions.values(), *content.keywords, each.name, *live))


def _values(field: Field, each: Dataset) -> list[str | None]:
    content = each.content
    formats = [form.format.casefold() for form in content.distributions]
    return {
        Field.NAME: [each.name],
        Field.ORGANIZATION: [each.publisher.slug],
        Field.TAG: [tag_name(keyword) for keyword in content.keywords],
        Field.THEME: list(content.themes),
        Field.LICENCE: [content.licence],
        Field.FORMAT: [*formats, *(["ngsi-ld", "ngsiv2", "csv", "geojson", "parquet"] if each.live else [])],
        Field.KIND: [each.kind],
        Field.ENTITY_TYPE: [each.live.type_name if each.live else None],
        Field.SPATIAL: [content.spatial],
    }[field]  # type: ignore[return-value]


_IS = st.sampled_from(
    [
        Is(Field.NAME, "name-1"),
        Is(Field.NAME, "name_", is_prefix=True),
        Is(Field.NAME, "name-", is_prefix=True),
        Is(Field.ORGANIZATION, "fukui"),
        Is(Field.TITLE, "避難"),
        Is(Field.TITLE, "aed"),
        Is(Field.TITLE, "name-1"),
        Is(Field.TAG, "保健・医療"),
        Is(Field.TAG, "保健", is_prefix=True),
        Is(Field.THEME, "envi"),
        Is(Field.LICENCE, "CC-BY-4.0"),
        Is(Field.FORMAT, "csv"),
        Is(Field.FORMAT, "NGSI", is_prefix=True),
        Is(Field.KIND, "live"),
        Is(Field.ENTITY_TYPE, "Rain"),
        Is(Field.SPATIAL, "180009"),
    ]
)
_EXISTS = st.sampled_from(
    [Exists(field) for field in (Field.TAG, Field.THEME, Field.FORMAT, Field.ENTITY_TYPE, Field.SPATIAL)]
)
_MOMENTS = st.one_of(st.none(), st.integers(-1, 13).map(lambda day: START + timedelta(days=day)))
_LEAVES = st.one_of(
    st.sampled_from(WORDS).map(Words), _IS, _EXISTS, st.builds(Between, st.sampled_from(Moment), _MOMENTS, _MOMENTS)
)
CONDITIONS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, max_size=3).map(lambda found: AllOf(tuple(found))),
        st.lists(inner, max_size=3).map(lambda found: AnyOf(tuple(found))),
    ),
    max_leaves=6,
)


async def fill(connection: AsyncConnection, tenant_id: int) -> list[Dataset]:
    owner = await publisher(connection, tenant_id)
    live = Live("https://e.jp/Rain", "Rain", (), 1)
    family = [example(number, owner, live if number == 5 else None) for number in range(12)]
    await add(connection, family)
    return family


async def test_sql_selects_what_python_selects(catalogue: Catalogue) -> None:
    tenant = await catalogue.tenants.find("fukui")
    async with catalogue.engine.begin() as connection:
        family = await fill(connection, tenant.tenant_id)
    conditions: list[Condition] = []

    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(CONDITIONS)
    def collect(condition: Condition) -> None:
        conditions.append(condition)

    collect()
    for each in (Is(Field.FORMAT, "csv"), Is(Field.THEME, "envi"), Is(Field.FORMAT, "csv", is_prefix=True)):
        conditions += [AllOf((Words("避難"), Is(Field.ORGANIZATION, "fukui"), each))]
    async with catalogue.engine.connect() as connection:
        for condition in conditions:
            found = await find(connection, EVERYTHING, condition, Slice(100))
            expected = {each.name for each in family if holds(condition, each)}
            assert {each.name for each in found.datasets} == expected, condition
            assert found.total == len(expected)


async def test_what_is_written_reads_back_the_same(catalogue: Catalogue) -> None:
    tenant = await catalogue.tenants.find("fukui")
    async with catalogue.engine.begin() as connection:
        family = await fill(connection, tenant.tenant_id)
    async with catalogue.engine.connect() as connection:
        found = await find(connection, EVERYTHING, AllOf(), Slice(100))
    assert {each.name: each for each in found.datasets} == {each.name: each for each in family}


async def test_words_and_titles_are_found_through_the_index(catalogue: Catalogue) -> None:
    like = Compared(Said(Text.TITLE), Comparator.LIKE, "%番号七%", is_folded=True)
    for condition in (clause(Words("番号七")), titled(["番号七"], indexed=True), clause(like)):
        plan = await catalogue.searches.pool.fetch(
            f"explain select name from dataset where {condition.text}", *condition.parameters
        )
        assert "Bitmap Index Scan on dataset_found" in "\n".join(line for (line,) in plan)


async def test_values_of_fields_are_found_through_the_index(catalogue: Catalogue) -> None:
    words, has, owner = Words("番号七"), (Is(Field.FORMAT, "x"), Is(Field.THEME, "x")), Is(Field.ORGANIZATION, "x")
    scan = await _scan(catalogue, AllOf((words, *has)))
    assert all(column in scan for column in ("terms", "formats", "themes"))
    scan = await _scan(catalogue, AllOf((words, *has, owner)))
    assert all(column in scan for column in ("terms", "ARRAY[tenant_id]"))
    assert "formats" not in scan


async def _scan(catalogue: Catalogue, condition: Condition) -> str:
    """Return what the index is asked for."""
    found = clause(condition)
    statement = f"explain select name from dataset where {found.text}"
    plan = await catalogue.searches.pool.fetch(statement, *found.parameters)
    (scan,) = (line for (line,) in plan if "Index Cond" in line and "terms" in line)
    return str(scan)
