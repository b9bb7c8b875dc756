"""What each shared mutation makes of the entities stored under an id."""

from datetime import UTC, datetime

import pytest

from services.broker.domain.attribute import Attributes, Instance
from services.broker.domain.entity import Entity
from services.broker.domain.selection import LdRef, V2Ref
from services.broker.operations.mutation import Outcome
from services.broker.operations.writes import (
    AppendAttributes,
    DeleteAttribute,
    DeleteEntity,
    Existing,
    ReplaceEntity,
    StoreEntity,
    UpdateAttributes,
)
from services.kernel.errors import AlreadyExists, Ambiguous, NotFound

URI = "urn:ngsi-ld:Gauge:1"
EARLIER = "2026-01-01T00:00:00.000Z"
NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
NOW_TEXT = "2026-02-03T04:05:06.000Z"


def level(value: object, **more: object) -> Instance:
    return {"kind": "Property", "value": value, **more}


def stored(attrs: Attributes, **more: object) -> Entity:
    times = {"createdAt": EARLIER, "modifiedAt": EARLIER}
    timed = {name: [{**each, **times} for each in instances] for name, instances in attrs.items()}
    entity = Entity(id=URI, uri=URI, types=("Gauge",), attrs=timed, seq=7)
    return entity.with_(**more)


def after(outcome: Outcome) -> Entity:
    entity = outcome.changes[0].after
    assert entity is not None
    return entity


def test_storing_a_new_entity_creates_it_with_its_times() -> None:
    entity = Entity(id=URI, uri=URI, types=("Gauge",), attrs={"level": [level(1)]})
    outcome = StoreEntity(entity).apply([], NOW)
    assert outcome.created
    assert after(outcome).created_at == NOW
    assert after(outcome).attrs == {"level": [{**level(1), "createdAt": NOW_TEXT, "modifiedAt": NOW_TEXT}]}


def test_storing_an_entity_twice_is_refused() -> None:
    entity = stored({"level": [level(1)]})
    with pytest.raises(AlreadyExists, match="already exists"):
        StoreEntity(entity).apply([entity], NOW)


def test_an_ngsi_ld_id_is_taken_whatever_the_type() -> None:
    other = Entity(id=URI, uri=URI, types=("Pump",), attrs={})
    with pytest.raises(AlreadyExists):
        StoreEntity(other).apply([stored({})], NOW)


def test_an_ngsiv2_id_may_be_stored_under_another_type() -> None:
    other = Entity(id=URI, uri=URI, types=("Pump",), attrs={})
    assert StoreEntity(other, unique_uri=False).apply([stored({})], NOW).created


def test_upsert_with_update_keeps_the_other_attributes() -> None:
    there = stored({"level": [level(1)], "flow": [level(5)]})
    sent = Entity(id=URI, uri=URI, types=("Gauge",), attrs={"level": [level(2)]})
    outcome = StoreEntity(sent, Existing.UPDATE).apply([there], NOW)
    assert not outcome.created
    assert after(outcome).attrs["level"] == [{**level(2), "createdAt": EARLIER, "modifiedAt": NOW_TEXT}]
    assert after(outcome).attrs["flow"] is there.attrs["flow"]


def test_upsert_with_replace_drops_the_other_attributes() -> None:
    there = stored({"level": [level(1)], "flow": [level(5)]})
    sent = Entity(id=URI, uri=URI, types=("Gauge",), attrs={"level": [level(2)]})
    outcome = StoreEntity(sent, Existing.REPLACE).apply([there], NOW)
    assert set(after(outcome).attrs) == {"level"}
    assert outcome.changes[0].deleted == {"flow"}


def test_appending_unites_types() -> None:
    outcome = AppendAttributes(LdRef(URI), {}, types=("Sensor", "Gauge")).apply([stored({})], NOW)
    assert after(outcome).types == ("Gauge", "Sensor")


def test_appending_without_overwriting_tells_what_was_there() -> None:
    there = stored({"level": [level(1)]})
    mutation = AppendAttributes(LdRef(URI), {"level": [level(2)], "flow": [level(3)]}, overwrite=False)
    outcome = mutation.apply([there], NOW)
    assert outcome.updated == ("flow",)
    assert [each.name for each in outcome.not_updated] == ["level"]
    assert after(outcome).attrs["level"] is there.attrs["level"]


def test_instances_of_other_data_sets_stay() -> None:
    there = stored({"level": [level(1), level(2, datasetId="urn:a")]})
    outcome = AppendAttributes(LdRef(URI), {"level": [level(9, datasetId="urn:a")]}).apply([there], NOW)
    assert [each["value"] for each in after(outcome).attrs["level"]] == [1, 9]


def test_updating_does_not_add_attributes() -> None:
    mutation = UpdateAttributes(LdRef(URI), {"level": [level(2)], "flow": [level(3)]})
    outcome = mutation.apply([stored({"level": [level(1)]})], NOW)
    assert outcome.updated == ("level",)
    assert [each.name for each in outcome.not_updated] == ["flow"]
    assert set(after(outcome).attrs) == {"level"}


def test_replacing_keeps_the_time_of_creation_of_what_stays() -> None:
    there = stored({"level": [level(1)], "flow": [level(5)]})
    sent = Entity(id=URI, uri=URI, types=("Gauge",), attrs={"level": [level(2)], "rain": [level(0)]})
    outcome = ReplaceEntity(LdRef(URI), sent).apply([there], NOW)
    assert after(outcome).attrs["level"][0]["createdAt"] == EARLIER
    assert after(outcome).attrs["rain"][0]["createdAt"] == NOW_TEXT
    assert "flow" not in after(outcome).attrs


def test_deleting_one_instance_keeps_the_others() -> None:
    there = stored({"level": [level(1), level(2, datasetId="urn:a")]})
    outcome = DeleteAttribute(LdRef(URI), "level", "urn:a").apply([there], NOW)
    assert [each["value"] for each in after(outcome).attrs["level"]] == [1]


def test_deleting_the_last_instance_deletes_the_attribute() -> None:
    outcome = DeleteAttribute(LdRef(URI), "level").apply([stored({"level": [level(1)]})], NOW)
    assert after(outcome).attrs == {}


@pytest.mark.parametrize("dataset_id", [None, "urn:b"])
def test_deleting_an_instance_that_does_not_exist_is_refused(dataset_id: str | None) -> None:
    there = stored({"level": [level(2, datasetId="urn:a")]})
    with pytest.raises(NotFound):
        DeleteAttribute(LdRef(URI), "level", dataset_id).apply([there], NOW)


def test_deleting_an_entity_tells_its_attributes_and_the_instant() -> None:
    change = DeleteEntity(LdRef(URI)).apply([stored({"level": [level(1)]})], NOW).changes[0]
    assert change.after is None
    assert change.deleted == {"level"}
    assert change.deleted_at == NOW


def test_an_ngsiv2_reference_without_type_to_two_entities_is_refused() -> None:
    with pytest.raises(Ambiguous):
        DeleteEntity(V2Ref(URI)).apply([stored({}), stored({}, types=("Pump",))], NOW)


def test_an_ngsiv2_reference_finds_nothing_in_another_path() -> None:
    with pytest.raises(NotFound):
        DeleteEntity(V2Ref(URI, path="/parks")).apply([stored({})], NOW)


def test_a_written_attribute_of_the_same_value_is_written_but_not_changed() -> None:
    outcome = AppendAttributes(LdRef(URI), {"level": [level(1)]}).apply([stored({"level": [level(1)]})], NOW)
    assert outcome.changes[0].written == {"level"}
    assert outcome.changes[0].changed == frozenset()


def test_true_is_not_one() -> None:
    outcome = AppendAttributes(LdRef(URI), {"level": [level(True)]}).apply([stored({"level": [level(1)]})], NOW)
    assert outcome.changes[0].changed == {"level"}


def test_a_service_path_means_a_scope_where_no_entity_has_it() -> None:
    scoped = stored({"level": [level(1)]}, scopes=("a/b",))
    assert V2Ref(URI, path="/a/b").choose([scoped]) is scoped
    assert V2Ref(URI, path="/a/b", by_key=True).choose([scoped]) is None
    placed = stored({"level": [level(2)]}, path="/a/b")
    assert V2Ref(URI, path="/a/b").choose([scoped, placed]) is placed
    sent = Entity(id=URI, uri=URI, types=("Gauge",), path="/a/b", attrs={"level": [level(3)]})
    with pytest.raises(AlreadyExists):
        StoreEntity(sent, unique_uri=False).apply([scoped], NOW)
    assert StoreEntity(sent.with_(path="/c"), unique_uri=False).apply([scoped], NOW).created
