"""The models of the demo's entities: their examples, their terms, and what imports make, agree with them."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services.ingest.feeds.feed import Destination
from services.ingest.importing.shelf import Wanted, load_mappings
from services.ingest.importing.source import Reading, open_file
from services.local.demo.files import data

SCHEMAS = Path(__file__).parents[3] / "schemas"
CORE = json.loads((SCHEMAS / "contexts" / "ngsi-ld-core-context-v1.9.jsonld").read_text("utf-8"))["@context"]
TERMS = json.loads((SCHEMAS / "contexts" / "hiroba-context.jsonld").read_text("utf-8"))["@context"]
MODELS = sorted(folder for folder in (SCHEMAS / "models").iterdir() if folder.is_dir())
SHELF = load_mappings()
BY_NAME = pytest.mark.parametrize("model", MODELS, ids=[model.name for model in MODELS])
FILES = sorted(file for file in (data() / "takamatsu").glob("*.csv") if file.stem != "open_data_list")


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / "models" / name / "schema.json").read_text("utf-8"))


def keyvalues(entity: dict[str, Any]) -> dict[str, Any]:
    values = {
        name: each.get("value", each.get("object")) if isinstance(each, dict) else each for name, each in entity.items()
    }
    return {name: value for name, value in values.items() if name != "@context"}


@BY_NAME
def test_the_schema_is_valid_and_describes_every_attribute(model: Path) -> None:
    found = schema(model.name)
    Draft202012Validator.check_schema(found)
    assert found["title"] == found["properties"]["type"]["const"] == model.name
    assert [name for name, each in found["properties"].items() if not each.get("description")] == []


@BY_NAME
def test_the_examples_say_the_same_and_keep_to_the_schema(model: Path) -> None:
    normalized = json.loads((model / "example-normalized.jsonld").read_text("utf-8"))
    simple = json.loads((model / "example-keyvalues.json").read_text("utf-8"))
    assert keyvalues(normalized) == simple
    Draft202012Validator(schema(model.name)).validate(simple)
    assert set(simple) <= set(schema(model.name)["properties"])


@BY_NAME
def test_units_and_kinds_are_those_of_the_schema(model: Path) -> None:
    normalized = json.loads((model / "example-normalized.jsonld").read_text("utf-8"))
    attributes = {name: each for name, each in normalized.items() if isinstance(each, dict)}
    declared = {name: schema(model.name)["properties"][name]["x-ngsi"] for name in attributes}
    found = {name: {key: each[key] for key in ("type", "unitCode") if key in each} for name, each in attributes.items()}
    assert found == declared


@BY_NAME
def test_every_name_is_a_term_of_the_context(model: Path) -> None:
    names = {model.name, *schema(model.name)["properties"]} - {"id", "type", "scope"}
    assert names - set(CORE) <= set(TERMS)


def test_the_terms_mean_the_same_with_the_context_and_without() -> None:
    assert {term: CORE["@vocab"] + term for term in TERMS} == TERMS
    assert set(TERMS) & set(CORE) == set()


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_imported_entities_keep_to_their_schema(file: Path) -> None:
    kinds = {"municipal_parking": "OffStreetParking", "bictcle_rental_port": "BikeHireDockingStation"}
    opened = open_file(file.read_bytes(), SHELF, Wanted(kinds.get(file.stem)), Reading())
    mapping = opened.mapping
    validator = Draft202012Validator(schema(mapping.type))
    for record in opened.records(Destination("takamatsu")):
        if record.entity is not None:
            validator.validate(keyvalues(record.entity))
    assert {rule.name for rule in mapping.attributes} <= set(schema(mapping.type)["properties"])


def test_every_mapping_of_the_demo_has_a_model() -> None:
    mappings = [each for each in SHELF.all() if not each.name.startswith("standard-")]
    assert {each.type for each in mappings} | {"WaterLevelObserved"} == {model.name for model in MODELS}
