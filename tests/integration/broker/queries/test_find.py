"""Pages of entities: order, paging, counts, expiry, tenants."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.broker.domain.change import Change
from services.broker.domain.entity import Entity
from services.broker.domain.names import LOCATION
from services.broker.domain.selection import TypeAny, TypeIs
from services.broker.domain.shape import count_shapes
from services.broker.query.entity_query import EntityQuery, EntitySelector, Order
from services.broker.query.parse_q_ld import parse_q_ld
from services.broker.query.tree import AttributeTarget, EntityTarget, GeoFilter, GeoRelation
from services.broker.store import entities as store
from services.broker.store import shapes
from services.broker.store.discovery import TypeAttribute, types_and_attributes
from services.broker.store.queries import find
from services.kernel.paging import Page
from services.kernel.postgres import Connection, open_pool

TENANT = 1
NOW = datetime(2026, 3, 1, tzinfo=UTC)
HERE = '{"type":"Point","coordinates":[134,34]}'


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    pool = await open_pool(database_url, schema="broker", size=1)
    async with pool.acquire() as opened:
        await opened.execute("set plan_cache_mode = force_custom_plan")
        yield opened
    await pool.close()


def made(number: int, types: tuple[str, ...] = ("T",), attrs: dict[str, Any] | None = None, **more: Any) -> Entity:
    instances = {name: value if isinstance(value, list) else [value] for name, value in (attrs or {}).items()}
    return Entity(
        id=f"urn:x:{number}",
        types=types,
        attrs=instances,
        uri=f"urn:x:{number}",
        created_at=more.pop("created_at", NOW),
        modified_at=NOW,
        **more,
    )


def prop(value: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "Property", "value": value, **more}


def place(longitude: float, latitude: float = 34) -> dict[str, Any]:
    return {"kind": "GeoProperty", "value": {"type": "Point", "coordinates": [longitude, latitude]}}


async def store_counted(connection: Connection, tenant_id: int, entities: list[Entity]) -> None:
    await store.insert(connection, tenant_id, entities)
    await shapes.keep(connection, tenant_id, count_shapes(Change(None, entity) for entity in entities))


async def numbers(connection: Connection, query: EntityQuery) -> list[int]:
    result = await find(connection, TENANT, query)
    return [int(entity.id.rpartition(":")[2]) for entity in result.entities]


def of_types(*names: str, **more: Any) -> EntityQuery:
    expression = TypeIs(names[0]) if len(names) == 1 else TypeAny(tuple(map(TypeIs, names)))
    return EntityQuery(selectors=(EntitySelector(types=expression),), **more)


async def test_entities_come_in_order_of_creation_whatever_their_types(connection: Connection) -> None:
    kinds = [("A",), ("B",), ("B", "A"), ("C",), ("A", "B"), ("C", "B"), ("A",)]
    await store.insert(connection, TENANT, [made(number, types) for number, types in enumerate(kinds)])
    assert await numbers(connection, of_types("A")) == [0, 2, 4, 6]
    assert await numbers(connection, of_types("A", "B")) == [0, 1, 2, 4, 5, 6]
    assert await numbers(connection, EntityQuery()) == list(range(7))
    pages = [await numbers(connection, of_types("A", "B", page=Page(2, offset))) for offset in (0, 2, 4, 6)]
    assert pages == [[0, 1], [2, 4], [5, 6], []]


async def test_the_count_is_of_all_not_of_the_page(connection: Connection) -> None:
    await store.insert(connection, TENANT, [made(n, ("A", "B") if n % 2 else ("B",)) for n in range(25)])
    for page in (Page(5, 0, count=True), Page(5, 23, count=True), Page(5, 99, count=True), Page(0, 0, count=True)):
        result = await find(connection, TENANT, of_types("B", page=page))
        assert (result.count, len(result.entities)) == (25, min(page.limit, max(25 - page.offset, 0)))
    assert (await find(connection, TENANT, of_types("B", page=Page(5)))).count is None


async def test_what_is_expired_or_of_another_tenant_never_shows(connection: Connection) -> None:
    attrs = {LOCATION: place(134), "x": prop(1)}
    now = datetime.now(UTC)
    await store_counted(
        connection,
        TENANT,
        [
            made(1, attrs=attrs, expires_at=now - timedelta(seconds=1)),
            made(2, attrs=attrs, expires_at=now + timedelta(hours=1)),
            made(3, attrs=attrs | {"to": {"kind": "Relationship", "value": "urn:x:1"}}),
            made(4, attrs=attrs | {"to": {"kind": "Relationship", "value": "urn:x:5"}}),
        ],
    )
    await store.insert(connection, TENANT + 1, [made(5, attrs=attrs)])
    near = GeoFilter(GeoRelation.NEAR, HERE, LOCATION, maximum_m=10)
    order = Order(AttributeTarget("x"))
    for query in (EntityQuery(), of_types("T"), EntityQuery(geo=(near,)), EntityQuery(orders=(order,))):
        assert await numbers(connection, query) == [2, 3, 4]
    assert await numbers(connection, EntityQuery(filter=parse_q_ld("to{x}==1", str))) == []
    assert {each.type: each.entities for each in await types_and_attributes(connection, TENANT)} == {"T": 3}


async def test_ids_select_by_each_dialects_own(connection: Connection) -> None:
    v2 = Entity("7", ("T",), {}, uri="urn:ngsi-ld:T:7", created_at=NOW, modified_at=NOW)
    await store.insert(connection, TENANT, [v2])

    async def found(*ids: str, by_uri: bool) -> int:
        query = EntityQuery(selectors=(EntitySelector(ids=ids, by_uri=by_uri),))
        return len((await find(connection, TENANT, query)).entities)

    assert await found("7", by_uri=False) == 1
    assert await found("7", by_uri=True) == 0
    assert await found("urn:ngsi-ld:T:7", by_uri=True) == 1


MIXED: list[tuple[int, Any]] = [
    (1, prop("b")),
    (2, prop(True)),
    (3, prop([1])),
    (4, prop(10)),
    (5, prop(None)),
    (6, prop({"k": 1})),
    (7, prop(9.5)),
    (8, prop("2026-01-01T00:00:00.000Z", instant="2026-01-01T00:00:00.000Z")),
    (9, prop("B")),
    (10, prop(False)),
    (12, [prop(100, datasetId="d"), prop(9.7)]),
]


@pytest.mark.clause("4.23.2")
async def test_values_of_several_kinds_have_an_order(connection: Connection) -> None:
    await store.insert(connection, TENANT, [made(number, attrs={"x": value}) for number, value in MIXED])
    await store.insert(connection, TENANT, [made(11)])
    by_kind = [7, 12, 4, 9, 1, 6, 3, 10, 2, 8]

    async def ordered(**more: bool) -> list[int]:
        return await numbers(connection, EntityQuery(orders=(Order(AttributeTarget("x"), **more),)))

    assert await ordered() == [5, 11, *by_kind]
    assert await ordered(descending=True) == [*reversed(by_kind), 5, 11]
    assert await ordered(missing_last=True) == [*by_kind, 5, 11]
    assert await ordered(descending=True, missing_last=True) == [*reversed(by_kind), 5, 11]


async def test_orders_follow_one_another_and_ties_keep_the_order_of_creation(connection: Connection) -> None:
    rows = [(1, "b", 1), (2, "a", 2), (3, "b", 3), (4, "a", 2), (5, "a", 1)]
    await store.insert(connection, TENANT, [made(n, attrs={"s": prop({"k": s}), "n": prop(v)}) for n, s, v in rows])
    text = Order(AttributeTarget("s", keys=("k",)))
    value = Order(AttributeTarget("n"), descending=True)
    assert await numbers(connection, EntityQuery(orders=(text, value))) == [2, 4, 5, 3, 1]
    assert await numbers(connection, EntityQuery(orders=(text, value), page=Page(2, 1))) == [4, 5]
    result = await find(connection, TENANT, EntityQuery(orders=(text,), page=Page(1, 0, count=True)))
    assert result.count == 5


async def test_members_of_the_entity_are_keys_too(connection: Connection) -> None:
    later = NOW + timedelta(days=1)
    await store.insert(
        connection,
        TENANT,
        [
            made(2, ("B",), {"x": prop(1, observedAt="2026-01-02T00:00:00Z")}, created_at=later),
            made(
                1,
                ("A",),
                {"x": prop(1, observedAt="2026-01-03T00:00:00Z")},
                expires_at=datetime(2999, 1, 1, tzinfo=UTC),
            ),
        ],
    )
    for member in ("id", "uri", "type", "createdAt"):
        assert await numbers(connection, EntityQuery(orders=(Order(EntityTarget(member)),))) == [1, 2]
        assert await numbers(connection, EntityQuery(orders=(Order(EntityTarget(member), descending=True),))) == [2, 1]
    expiry = EntityTarget("expiresAt")
    assert await numbers(connection, EntityQuery(orders=(Order(expiry),))) == [2, 1]
    assert await numbers(connection, EntityQuery(orders=(Order(expiry, missing_last=True),))) == [1, 2]
    observed = AttributeTarget("x", member="observedAt")
    assert await numbers(connection, EntityQuery(orders=(Order(observed),))) == [2, 1]


@pytest.mark.clause("4.23.3")
async def test_a_collation_orders_letters_as_a_reader_expects(connection: Connection) -> None:
    names = ["b", "Zebra", "A", "á", "Ähre", "高松"]
    await store.insert(connection, TENANT, [made(n, attrs={"x": prop(name)}) for n, name in enumerate(names)])

    async def ordered(collation: str | None) -> list[str]:
        order = Order(AttributeTarget("x"), collation=collation)
        return [names[number] for number in await numbers(connection, EntityQuery(orders=(order,)))]

    assert await ordered(None) == ["A", "Zebra", "b", "Ähre", "á", "高松"]
    assert await ordered("und") == ["A", "á", "Ähre", "b", "Zebra", "高松"]


@pytest.mark.clause("4.23.3")
async def test_distance_orders_the_nearest_first_and_what_has_no_place_last(connection: Connection) -> None:
    away = [(1, 134.3), (2, 134.1), (3, 134.2), (4, 140.0)]
    rows = [made(number, attrs={LOCATION: place(longitude)}) for number, longitude in away]
    nowhere = [made(5), made(6, attrs={LOCATION: prop("here")})]
    both = made(7, attrs={LOCATION: [place(139), place(134.15)]})
    await store.insert(connection, TENANT, [*rows, *nowhere, both])

    def order(**more: bool) -> Order:
        return Order(AttributeTarget(LOCATION), distance_from=HERE, missing_last=True, **more)

    assert await numbers(connection, EntityQuery(orders=(order(),))) == [2, 7, 3, 1, 4, 5, 6]
    assert await numbers(connection, EntityQuery(orders=(order(descending=True),))) == [4, 1, 3, 7, 2, 5, 6]
    near = GeoFilter(GeoRelation.NEAR, HERE, maximum_m=25_000)
    query = EntityQuery(geo=(near,), orders=(Order(None, distance_from=HERE),), page=Page(2, 1, count=True))
    result = await find(connection, TENANT, query)
    assert ([entity.id for entity in result.entities], result.count) == (["urn:x:7", "urn:x:3"], 3)


async def test_pages_of_a_place_are_stable_at_any_depth_and_their_count_is_honest(connection: Connection) -> None:
    # More than one chunk of candidates, every second of which is in the box of the circle but not in the circle.
    corner, centre = (134.0 + 0.05, 34.0 + 0.04), (134.01, 34.01)
    rows = [made(n, attrs={LOCATION: place(*(centre if n % 2 else corner))}) for n in range(11_000)]
    await store.insert(connection, TENANT, rows)
    near = (GeoFilter(GeoRelation.NEAR, HERE, LOCATION, maximum_m=5000),)
    expected = list(range(1, 11_000, 2))
    for offset in (0, 2490, 5490, 5500):
        query = EntityQuery(geo=near, page=Page(20, offset, count=True))
        result = await find(connection, TENANT, query)
        assert result.count == 5500
        assert [int(e.id[6:]) for e in result.entities] == expected[offset : offset + 20]
        assert await numbers(connection, EntityQuery(geo=near, page=Page(20, offset))) == expected[offset : offset + 20]
    assert (await find(connection, TENANT, EntityQuery(geo=near, page=Page(0, 0, count=True)))).count == 5500


async def test_a_place_goes_with_every_other_condition(connection: Connection) -> None:
    attrs = [
        {LOCATION: place(134), "x": prop(n), "area": {"kind": "GeoProperty", "value": json.loads(HERE)}}
        for n in range(4)
    ]
    await store.insert(connection, TENANT, [made(n, ("A",) if n % 2 else ("B",), attrs[n]) for n in range(4)])
    near = GeoFilter(GeoRelation.NEAR, HERE, LOCATION, maximum_m=5)
    within = GeoFilter(GeoRelation.INTERSECTS, HERE, "area")
    query = of_types("A", filter=parse_q_ld("x>1", str), geo=(near, within))
    assert await numbers(connection, query) == [3]


@pytest.mark.clause("5.7.5")
async def test_types_and_attributes_are_discovered_with_their_counts(connection: Connection) -> None:
    await store_counted(
        connection,
        TENANT,
        [
            made(1, ("A",), {"x": prop(1), "y": {"kind": "Relationship", "value": "urn:x:2"}}),
            made(2, ("A", "B"), {"x": {"kind": "LanguageProperty", "value": {"en": "a"}}}),
            made(3, ("C",)),
        ],
    )
    assert await types_and_attributes(connection, TENANT) == [
        TypeAttribute("A", 2, "x", 2, ("LanguageProperty", "Property")),
        TypeAttribute("A", 2, "y", 1, ("Relationship",)),
        TypeAttribute("B", 1, "x", 1, ("LanguageProperty",)),
        TypeAttribute("C", 1),
    ]
