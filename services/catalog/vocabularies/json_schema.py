"""A vocabulary as JSON Schema: the codes that a value may have (draft 2020-12)."""

from typing import Any

from services.catalog.vocabularies.scheme import Concept, Scheme

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(scheme: Scheme, address: str) -> dict[str, Any]:
    """Return a schema that accepts exactly the codes; each has its names as title and description."""
    return {
        "$schema": _DRAFT,
        "$id": f"{address}.schema.json",
        "title": scheme.titles["en"],
        "description": scheme.descriptions["en"],
        "type": "string",
        "oneOf": [_choice(each) for each in scheme.concepts.values()],
    }


def _choice(concept: Concept) -> dict[str, str]:
    names = concept.names
    return {"const": concept.code, "title": names.get("ja") or names["en"], "description": names.get("en", "")}
