"""The group-commit writer on real PostgreSQL: outcomes, order, races, faults."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from services.broker.domain.selection import LdRef, V2Ref
from services.broker.operations.mutation import Outcome
from services.broker.operations.writes import (
    AppendAttributes,
    DeleteEntity,
    Existing,
    ReplaceEntity,
    StoreEntity,
    UpdateAttributes,
)
from services.kernel.errors import AlreadyExists, HubError, InvalidRequest, NotFound, Unavailable
from tests.support.broker import gauge, running_writer


def value_of(entity: object, name: str = "level") -> object:
    return entity.attribute(name)["value"]  # type: ignore[attr-defined]


async def test_a_created_entity_is_stored_as_it_was_sent(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        entity = gauge(1, level=2.5, name="足羽川").with_(scopes=("/川/北", '/"a",b'))
        outcome = await bench.writer.write(bench.tenant_id, StoreEntity(entity))
        stored = await bench.stored(entity.uri)
    assert outcome.created
    assert stored is not None
    assert (stored.types, stored.scopes, value_of(stored, "name")) == (("Gauge",), entity.scopes, "足羽川")


async def test_of_many_concurrent_creations_exactly_one_wins(database_url: str) -> None:
    async with running_writer(database_url, lanes=4, batch=1) as bench, running_writer(database_url) as other:
        attempts = [
            (bench if number % 2 else other).writer.write(bench.tenant_id, StoreEntity(gauge(1, level=number)))
            for number in range(40)
        ]
        results = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(isinstance(each, Outcome) for each in results) == 1
    assert sum(isinstance(each, AlreadyExists) for each in results) == 39


async def test_the_same_id_in_both_dialects_is_created_once(database_url: str) -> None:
    v2 = gauge(1).with_(id="1", uri="urn:ngsi-ld:Gauge:1")
    ld = gauge(1)
    async with running_writer(database_url, lanes=4, batch=1) as bench:
        for _ in range(20):
            results = await asyncio.gather(
                bench.writer.write(bench.tenant_id, StoreEntity(v2, unique_uri=False)),
                bench.writer.write(bench.tenant_id, StoreEntity(ld)),
                return_exceptions=True,
            )
            count = await bench.pool.fetchval("select count(*) from entity where tenant_id = $1", bench.tenant_id)
            # either NGSI-LD sees NGSIv2's entity and is refused, or it came first under its own id
            assert count == sum(isinstance(each, Outcome) for each in results)
            await bench.writer.write_batch(bench.tenant_id, [DeleteEntity(V2Ref("1")), DeleteEntity(LdRef(ld.uri))])


async def test_items_of_one_batch_are_applied_in_order(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        mutations = [StoreEntity(gauge(1, level=number), Existing.UPDATE) for number in range(500)]
        results = await bench.writer.write_batch(bench.tenant_id, mutations)
        stored = await bench.stored(gauge(1).uri)
        history = await bench.history(gauge(1).uri)
    assert all(isinstance(each, Outcome) for each in results)
    assert [each.created for each in results if isinstance(each, Outcome)] == [True] + [False] * 499
    assert value_of(stored) == 499
    assert history == [("level", number) for number in range(500)]


async def test_concurrent_batches_over_the_same_entities_neither_deadlock_nor_collide(database_url: str) -> None:
    numbers = list(range(60))
    async with running_writer(database_url, lanes=4) as bench, running_writer(database_url, lanes=4) as other:
        attempts = []
        for turn in range(24):
            order = random.Random(turn).sample(numbers, len(numbers))
            mutations = [StoreEntity(gauge(number, level=turn), Existing.UPDATE) for number in order]
            attempts.append((bench if turn % 2 else other).writer.write_batch(bench.tenant_id, mutations))
        results = await asyncio.gather(*attempts)
        history = await bench.history(gauge(7).uri)
    assert all(isinstance(each, Outcome) for batch in results for each in batch)
    assert sorted(value for _, value in history) == list(range(24))  # type: ignore[type-var]


async def test_one_bad_mutation_fails_nobody_else(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        mutations = [StoreEntity(gauge(1, level=1)), StoreEntity(gauge(1)), StoreEntity(gauge(2, level=1))]
        results = await bench.writer.write_batch(bench.tenant_id, mutations)
        assert [type(each) for each in results] == [Outcome, AlreadyExists, Outcome]


async def test_a_value_that_postgresql_refuses_fails_alone(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        good, bad = StoreEntity(gauge(1, level=1)), StoreEntity(gauge(2, level="a\0b"))
        alone = bench.writer.write(bench.tenant_id, StoreEntity(gauge(3)))
        batch = bench.writer.write_batch(bench.tenant_id, [good, bad])
        results, single = await asyncio.gather(batch, alone)
        assert isinstance(results[0], Outcome)
        assert isinstance(results[1], InvalidRequest)
        assert single.created
        assert await bench.stored(gauge(2).uri) is None


async def test_a_batch_sent_again_with_its_key_is_answered_and_not_written_again(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        mutations = [StoreEntity(gauge(1, level=1), Existing.UPDATE), UpdateAttributes(LdRef("urn:x:none"), {})]
        first = await bench.writer.write_batch(bench.tenant_id, mutations, key="k1")
        together = [bench.writer.write_batch(bench.tenant_id, mutations, key="k1") for _ in range(5)]
        again = await asyncio.gather(*together)
        history = await bench.history(gauge(1).uri)
    assert isinstance(first[0], Outcome)
    assert isinstance(first[1], NotFound)
    for answer in again:
        assert isinstance(answer[0], Outcome)
        assert answer[0].created
        assert isinstance(answer[1], NotFound)
        assert answer[1].detail == first[1].detail
    assert len(history) == 1


async def test_an_entity_whose_time_is_over_can_be_created_again(database_url: str) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    async with running_writer(database_url) as bench:
        await bench.writer.write(bench.tenant_id, StoreEntity(gauge(1, level=1).with_(expires_at=past)))
        assert await bench.stored(gauge(1).uri) is None
        with pytest.raises(NotFound):
            await bench.writer.write(bench.tenant_id, AppendAttributes(LdRef(gauge(1).uri), gauge(1, level=2).attrs))
        assert (await bench.writer.write(bench.tenant_id, StoreEntity(gauge(1, level=3)))).created
        assert value_of(await bench.stored(gauge(1).uri)) == 3


async def test_replacing_types_and_geometry_reaches_the_columns(database_url: str) -> None:
    point = {"kind": "GeoProperty", "value": {"type": "Point", "coordinates": [136.2, 36.1]}}
    async with running_writer(database_url) as bench:
        await bench.writer.write(bench.tenant_id, StoreEntity(gauge(1)))
        changed = gauge(1).with_(types=("Pump", "Gauge"), attrs={"location": [point]})
        await bench.writer.write(bench.tenant_id, ReplaceEntity(LdRef(changed.uri), changed))
        row = await bench.pool.fetchrow("select type, types, area::text from entity")
    assert row["type"] == "Pump"
    assert row["types"] == ["Pump", "Gauge"]
    assert row["area"] == "(136.2,36.1),(136.2,36.1)"


async def test_an_update_of_values_alone_touches_no_index(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        await bench.writer.write(bench.tenant_id, StoreEntity(gauge(1, level=0)))
        for number in range(20):
            update = UpdateAttributes(LdRef(gauge(1).uri), gauge(1, level=number).attrs)
            await bench.writer.write(bench.tenant_id, update)
        await bench.pool.execute("select pg_stat_force_next_flush()")
        row = await bench.pool.fetchrow(
            "select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where schemaname = 'broker' and relname='entity'"
        )
    assert row["n_tup_upd"] >= 20
    assert row["n_tup_hot_upd"] >= row["n_tup_upd"] - 1


async def test_the_history_tells_of_each_instance_once_whichever_way_it_was_written(database_url: str) -> None:
    def measured(level: float, **more: float) -> StoreEntity:
        entity = gauge(1, level=level, **more)
        timed = {**entity.attrs["level"][0], "observedAt": f"2026-01-01T00:00:{level:02}Z"}
        return StoreEntity(entity.with_(attrs={**entity.attrs, "level": [timed]}), Existing.UPDATE)

    async with running_writer(database_url) as bench:
        await bench.writer.write(bench.tenant_id, measured(1))
        batch = [measured(2), measured(3, flow=7), measured(4), StoreEntity(gauge(2, level=0)), measured(5, flow=8)]
        await bench.writer.write_batch(bench.tenant_id, batch)
        await bench.writer.write(bench.tenant_id, measured(6))
        stored = await bench.stored(gauge(1).uri)
        rows = await bench.pool.fetch(
            """
            select attribute, change, h.instance, observed_at, recorded_at, h.seq = e.seq as is_its
            from history as h join entity as e using (tenant_id, uri)
            where tenant_id = $1 and uri = $2 order by recorded_at, attribute desc
            """,
            bench.tenant_id,
            gauge(1).uri,
        )
    told = [(row["attribute"], row["change"], row["instance"]["value"]) for row in rows]
    levels = [("level", "created" if level == 1 else "updated", level) for level in range(1, 7)]
    assert told == [*levels[:3], ("flow", "created", 7), *levels[3:5], ("flow", "updated", 8), levels[5]]
    assert [row["observed_at"].second for row in rows if row["attribute"] == "level"] == [1, 2, 3, 4, 5, 6]
    assert stored is not None
    assert rows[-1]["instance"] == stored.attrs["level"][0]
    assert rows[-1]["recorded_at"] == stored.modified_at
    assert all(row["is_its"] for row in rows)


async def test_the_history_begins_with_each_instance_of_what_is_created(database_url: str) -> None:
    timed = {"kind": "Property", "value": 1, "observedAt": "2026-01-01T00:00:01Z"}
    second = {"kind": "Property", "value": 2, "datasetId": "urn:ngsi-ld:Dataset:2"}
    alone, twice = gauge(1).with_(attrs={"level": [timed, second], "flow": [timed]}), gauge(2, level=3)
    async with running_writer(database_url) as bench:
        await bench.writer.write_batch(bench.tenant_id, [StoreEntity(alone), StoreEntity(gauge(3, level=5))])
        await bench.writer.write_batch(
            bench.tenant_id,
            [StoreEntity(twice), StoreEntity(gauge(2, level=4), Existing.UPDATE), StoreEntity(gauge(4, level=6))],
        )
        stored = await bench.stored(alone.uri)
        rows = await bench.pool.fetch(
            """
            select h.uri, attribute, change, instance, observed_at, h.seq = e.seq and recorded_at <= modified_at as fits
            from history as h join entity as e using (tenant_id, uri) order by recorded_at, attribute, instance
            """
        )
    told = [(row["uri"][-1], row["attribute"], row["change"], row["instance"]["value"]) for row in rows]
    own = [("1", "flow", "created", 1), ("1", "level", "created", 1), ("1", "level", "created", 2)]
    more = [("2", "level", "created", 3), ("2", "level", "updated", 4), ("4", "level", "created", 6)]
    assert told == [*own, ("3", "level", "created", 5), *more]
    assert [row["observed_at"] is None for row in rows[:4]] == [False, False, True, True]
    assert stored is not None
    assert rows[0]["instance"] == stored.attrs["flow"][0]
    assert all(row["fits"] for row in rows)


async def test_a_position_that_is_written_again_touches_no_index_and_one_that_moves_is_found(database_url: str) -> None:
    def at(longitude: float, level: int) -> StoreEntity:
        point = {"kind": "GeoProperty", "value": {"type": "Point", "coordinates": [longitude, 36.1]}}
        entity = gauge(1, level=level)
        return StoreEntity(entity.with_(attrs={**entity.attrs, "location": [point]}), Existing.UPDATE)

    async with running_writer(database_url) as bench:
        for level in range(10):
            await bench.writer.write(bench.tenant_id, at(136.2, level))
        await bench.pool.execute("select pg_stat_force_next_flush()")
        counted = await bench.pool.fetchrow(
            "select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where schemaname = 'broker' and relname='entity'"
        )
        await bench.writer.write(bench.tenant_id, at(137, 11))
        area = await bench.pool.fetchval("select area::text from entity")
        history = await bench.history(gauge(1).uri)
    assert counted["n_tup_upd"] >= 9
    assert counted["n_tup_hot_upd"] >= counted["n_tup_upd"] - 1
    assert area == "(137,36.1),(137,36.1)"
    assert len(history) == 2 * 11


async def test_deleting_and_creating_in_one_batch_leaves_the_new_entity(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        await bench.writer.write(bench.tenant_id, StoreEntity(gauge(1, level=1, flow=1)))
        mutations = [DeleteEntity(LdRef(gauge(1).uri)), StoreEntity(gauge(1, level=2))]
        await bench.writer.write_batch(bench.tenant_id, mutations)
        stored = await bench.stored(gauge(1).uri)
    assert stored is not None
    assert set(stored.attrs) == {"level"}


async def test_tenants_do_not_wait_for_each_other_for_ever(database_url: str) -> None:
    async with running_writer(database_url, lanes=1, batch=10) as bench:
        other = await bench.pool.fetchval("insert into tenant (name) values ('sakai') returning tenant_id")
        many = [
            bench.writer.write(bench.tenant_id, StoreEntity(gauge(number, level=1), Existing.UPDATE))
            for number in range(200)
        ]
        pending = [asyncio.ensure_future(each) for each in many]
        await asyncio.sleep(0)
        await bench.writer.write(other, StoreEntity(gauge(1)))
        assert not all(each.done() for each in pending)
        await asyncio.gather(*pending)


async def test_a_stopped_writer_refuses_what_waits(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        waiting = [asyncio.ensure_future(bench.writer.write(bench.tenant_id, StoreEntity(gauge(n)))) for n in range(5)]
        await asyncio.sleep(0)
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(each, Outcome | HubError) for each in results)


async def test_writes_are_refused_with_unavailable_while_postgresql_is_away(database_url: str) -> None:
    async with running_writer(database_url) as bench:
        await bench.pool.close()
        with pytest.raises(Unavailable):
            await bench.writer.write(bench.tenant_id, StoreEntity(gauge(1)))
