"""The reference names every reason, every rule and every field."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from services.ingest.codecs import presets
from services.ingest.domain.refusal import Reason
from services.ingest.http.attribute_bodies import AttributeBody, StaticBody
from services.ingest.http.device_bodies import DeviceBody
from services.ingest.http.group_bodies import GroupBody
from services.ingest.importing.words import REASONS, RULES, in_japanese

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
PAGE = (REFERENCE / "ingest.md").read_text("utf-8")
PRESETS = (REFERENCE / "presets.md").read_text("utf-8")
IMPORTS = (REFERENCE / "imports.md").read_text("utf-8")


def test_every_reason_of_a_dead_letter_is_described() -> None:
    assert [reason.value for reason in Reason if f"`{reason.value}`" not in PAGE] == []


def test_every_rule_of_repair_is_described_as_in_the_report() -> None:
    rows = {code: f"| `{code}` | {words} | {in_japanese(code)} |" for code, words in {**RULES, **REASONS}.items()}
    assert [code for code, row in rows.items() if row not in IMPORTS] == []


def test_every_decoder_that_comes_with_ingest_is_described_and_has_a_sample() -> None:
    samples = {file.stem for file in (Path(__file__).parent / "samples").glob("*.json")}
    assert [name for name in presets.names() if f"| `{name}` |" not in PRESETS or name not in samples] == []


@pytest.mark.parametrize("body", [GroupBody, DeviceBody, AttributeBody, StaticBody])
def test_every_field_of_the_data_model_is_named(body: type[BaseModel]) -> None:
    names = {field.alias or name for name, field in body.model_fields.items()} - {"device_id", "value"}
    assert [name for name in sorted(names) if f"`{name}`" not in PAGE] == []
