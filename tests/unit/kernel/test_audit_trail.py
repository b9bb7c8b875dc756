"""What a service records: equal deeds once with a count, refusals whatever they were about, access by type."""

from datetime import UTC, datetime

from services.kernel.audit import Deed, Trail, origin
from services.kernel.audit.chain import Act, chained, faults, record_of
from services.kernel.audit.trail import access_act

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


def _trail() -> Trail:
    return Trail(lambda: NOW)


def test_refusals_of_one_route_are_one_act_with_a_count() -> None:
    trail = _trail()
    for number in range(3):
        trail.note(Deed("app", "GET /v2/entities/{entityId}", f"/v2/entities/{number}", 403, "takamatsu"))
    (act,) = trail.take_acts()
    assert (act.count, act.target, act.status, act.tenant) == (3, "/v2/entities/0", 403, "takamatsu")
    assert trail.take_acts() == []


def test_acts_on_different_things_stand_apart() -> None:
    trail = _trail()
    for target in ("/indexes/a", "/indexes/b", "/indexes/a"):
        trail.note(Deed("app", "PUT /indexes/{attribute}", target, 204, "takamatsu"))
    assert [(act.target, act.count) for act in trail.take_acts()] == [("/indexes/a", 2), ("/indexes/b", 1)]


def test_who_makes_up_tenants_does_not_fill_the_log() -> None:
    trail = _trail()
    for number in range(1000):
        trail.note(Deed("", "GET /v2/entities", "/v2/entities", 401, f"made_up_{number}"))
    trail.note(Deed("app", "PUT /indexes/{attribute}", "/indexes/a", 204, "takamatsu"))
    acts = trail.take_acts()
    assert len(acts) == 102
    assert sum(act.count for act in acts) == 1001
    further = next(act for act in acts if act.action == "further refusals")
    assert (further.status, further.tenant, further.count) == (401, "", 900)


def test_access_is_counted_by_client_and_type_and_the_services_own_is_not() -> None:
    trail = _trail()
    trail.note_access("read", ["T"])
    token = origin.set(("takamatsu", "app"))
    try:
        trail.note_access("read", ["T", "T", "U"])
        trail.note_access("write", ["T"])
    finally:
        origin.reset(token)
    assert trail.take_access() == {
        ("takamatsu", "app", "read", "T"): 2,
        ("takamatsu", "app", "read", "U"): 1,
        ("takamatsu", "app", "write", "T"): 1,
    }
    act = access_act(NOW, ("takamatsu", "app", "read", "T"), 2)
    assert (act.at, act.actor, act.action, act.target, act.count) == (
        "2026-04-01T09:00:00Z",
        "app",
        "read entities",
        "T",
        2,
    )


def test_a_count_is_part_of_what_is_hashed_and_records_without_one_verify_as_before() -> None:
    one = chained("s", 1, Act("2026-04-01T00:00:00Z", "a", "GET /", "/", 403), "")
    many = chained("s", 2, Act("2026-04-01T00:00:00Z", "a", "GET /", "/", 403, count=9), one.hash)
    assert "count" not in one.document
    assert faults([record_of(one.document), record_of(many.document)]) == []
    touched = {**many.document, "count": 8}
    assert faults([record_of(one.document), record_of(touched)]) == ["segment s, record 2: it was changed"]
    lost = {name: value for name, value in many.document.items() if name != "count"}
    assert faults([record_of(one.document), record_of(lost)]) == ["segment s, record 2: it was changed"]
