"""Tables held against Table Schemas (Frictionless Data)."""

from typing import Any

import pytest

from services.catalog.files.profile import profile
from services.catalog.files.sheet import Sheet
from services.catalog.files.table_schema import check_schema, infer_schema, validate
from services.kernel.errors import InvalidRequest


def codes(schema: dict[str, Any], names: list[str], *rows: list[str]) -> list[tuple[str, int | None, str | None]]:
    check_schema(schema)
    found = validate(Sheet(names, rows), schema)
    assert found.faults == len(found.listed)
    return [(each.code, each.row, each.column) for each in found.listed]


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [
        ({"type": "integer"}, ["1", "-2", "+3"], ["1.5", "", " 1", "１"]),
        ({"type": "integer", "bareNumber": False}, ["1,000円".replace(",", "")], ["円"]),
        ({"type": "number"}, ["1", "1.5", ".5", "1e3"], ["nan", "1,5", "x"]),
        ({"type": "number", "decimalChar": ",", "groupChar": "."}, ["1.000,5"], ["1x"]),
        ({"type": "boolean"}, ["true", "0"], ["yes"]),
        ({"type": "boolean", "trueValues": ["有"], "falseValues": ["無"]}, ["有", "無"], ["true"]),
        ({"type": "date"}, ["2026-01-31"], ["2026-02-30", "31/01/2026"]),
        ({"type": "date", "format": "%Y年%m月%d日"}, ["2026年01月31日"], ["2026-01-31"]),
        ({"type": "time"}, ["09:30", "09:30:00"], ["24:00"]),
        ({"type": "datetime"}, ["2026-01-31T09:30:00+09:00"], ["昨日"]),
        ({"type": "year"}, ["2026"], ["20260"]),
        ({"type": "yearmonth"}, ["2026-01"], ["2026-13"]),
        ({"type": "duration"}, ["P1DT2H"], ["P", "1D"]),
        ({"type": "geopoint"}, ["134.04,34.34"], ["34.34,134.04", "134"]),
        ({"type": "object"}, ['{"a": 1}'], ["[1]"]),
        ({"type": "array"}, ["[1]"], ["{}"]),
        ({"type": "string", "format": "email"}, ["a@e.jp"], ["a"]),
        ({"type": "string", "format": "uri"}, ["https://e.jp"], ["e.jp"]),
        ({"constraints": {"pattern": "[0-9]{6}"}}, ["372013"], ["37201", "3720130"]),
        ({"constraints": {"enum": ["可", "不可"]}}, ["可"], ["否"]),
        ({"type": "integer", "constraints": {"minimum": 1, "maximum": 5}}, ["1", "5"], ["0", "6"]),
        ({"constraints": {"minLength": 2, "maxLength": 3}}, ["ab", "abc"], ["a", "abcd"]),
    ],
)
def test_cells_are_held_against_types_formats_and_constraints(
    field: dict[str, Any], right: list[str], wrong: list[str]
) -> None:
    schema = {"fields": [{"name": "x", **field}], "missingValues": []}
    assert codes(schema, ["x"], *[[cell] for cell in right]) == []
    assert [row for _, row, _ in codes(schema, ["x"], *[[cell] for cell in wrong])] == list(range(2, 2 + len(wrong)))


def test_missing_values_required_cells_and_repeated_values() -> None:
    required: dict[str, Any] = {"name": "id", "constraints": {"required": True, "unique": True}}
    schema = {"fields": [required, {"name": "n", "type": "integer"}], "missingValues": ["", "-"]}
    assert codes(schema, ["id", "n"], ["1", "-"], ["", "2"], ["1", ""]) == [("required", 3, "id"), ("unique", 4, "id")]


def test_columns_that_are_missing_or_too_many_are_told() -> None:
    schema = {"fields": [{"name": "a", "constraints": {"required": True}}, {"name": "b"}]}
    assert codes(schema, ["c"], ["1"]) == [
        ("missing-required-column", None, "a"),
        ("missing-column", None, "b"),
        ("extra-column", None, "c"),
    ]


def test_a_key_over_two_columns_comes_once() -> None:
    schema = {"fields": [{"name": "code"}, {"name": "no"}], "primaryKey": ["code", "no"]}
    assert codes(schema, ["code", "no"], ["1", "1"], ["1", "2"], ["1", "1"]) == [("primaryKey", 4, None)]


def test_the_schema_that_a_table_suggests_lets_it_pass() -> None:
    sheet = Sheet(["名称", "数", "備考"], [["a", "1", ""], ["b", "2", "x"]])
    schema = infer_schema(profile(sheet))
    assert [each["type"] for each in schema["fields"]] == ["string", "integer", "string"]
    assert "constraints" not in schema["fields"][2]
    check_schema(schema)
    assert validate(sheet, schema).is_valid


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        ({}, "fields"),
        ({"fields": [{}]}, "fields.0.name"),
        ({"fields": [{"name": "a", "type": "colour"}]}, "fields.0.type"),
        ({"fields": [{"name": "a", "constraints": []}]}, "fields.0.constraints"),
        ({"fields": [{"name": "a", "constraints": {"pattern": "("}}]}, "fields.0.constraints.pattern"),
        ({"fields": [{"name": "a", "constraints": {"enum": "x"}}]}, "fields.0.constraints.enum"),
        (
            {"fields": [{"name": "a", "type": "integer", "constraints": {"minimum": "x"}}]},
            "fields.0.constraints.minimum",
        ),
        ({"fields": [{"name": "a", "constraints": {"minLength": "x"}}]}, "fields.0.constraints.minLength"),
        ({"fields": [{"name": "a"}], "primaryKey": "b"}, "primaryKey"),
        ({"fields": [{"name": "a"}], "primaryKey": 7}, "primaryKey"),
        ({"fields": [{"name": "a"}], "missingValues": "x"}, "missingValues"),
    ],
)
def test_what_is_no_schema_is_refused_with_its_member(schema: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        check_schema(schema)
    assert refusal.value.field == field
