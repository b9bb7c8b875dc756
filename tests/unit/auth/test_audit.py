"""The chain of audit records: whatever is done to one of them shows."""

from dataclasses import replace

from services.kernel.audit.chain import Act, AuditRecord, chained, faults, record_of

ACT = Act("2026-04-01T00:00:00Z", "administrator", "PATCH /tenants/{name}", "/tenants/a", 200, "a")


def _segment(name: str, length: int, heads: dict[str, str] | None = None) -> list[AuditRecord]:
    records: list[AuditRecord] = []
    for number in range(1, length + 1):
        act = replace(ACT, target=f"/tenants/{number}", heads=heads if number == 1 else None)
        records.append(chained(name, number, act, records[-1].hash if records else ""))
    return records


def test_an_untouched_log_has_no_faults() -> None:
    first = _segment("a", 4)
    assert faults([*first, *_segment("b", 3, {"a": first[-1].hash})]) == []
    assert faults([]) == []


def test_a_record_survives_its_export() -> None:
    [record] = _segment("a", 1, {"x": "y"})
    assert record_of(record.document) == record


def test_a_changed_record_shows() -> None:
    records = _segment("a", 3)
    records[1] = replace(records[1], act=replace(records[1].act, actor="nobody"))
    assert faults(records) == ["segment a, record 2: it was changed"]


def test_a_record_that_was_changed_with_its_hash_shows_in_the_next() -> None:
    records = _segment("a", 3)
    records[1] = chained("a", 2, replace(ACT, actor="nobody"), records[0].hash)
    assert faults(records) == ["segment a, record 3: it does not follow the record before it"]


def test_a_missing_record_shows() -> None:
    records = _segment("a", 4)
    assert len(faults([records[0], records[1], records[3]])) == 2
    assert len(faults(records[1:])) == 2


def test_a_segment_that_was_cut_short_or_taken_out_shows() -> None:
    first = _segment("a", 4)
    later = _segment("b", 2, {"a": first[-1].hash})
    assert faults([*first[:3], *later]) == ["segment a: its end, or all of it, is missing"]
    assert faults(later) == ["segment a: its end, or all of it, is missing"]
