"""The published OpenAPI documents are those of the services, and worth reading."""

import json
from functools import cache
from typing import Any

import pytest

from services.local.environment import SERVICES
from services.local.openapi_documents import openapi_document
from tests.architecture.tree import ROOT

document = cache(openapi_document)
METHODS = {"get", "put", "post", "patch", "delete", "options", "head"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_services_document_is_the_golden_one(service: str) -> None:
    golden = (ROOT / "schemas" / "openapi" / f"{service}.json").read_text(encoding="utf-8")
    assert document(service) == golden, "run scripts/openapi and read what changed"


def _operations(service: str) -> list[tuple[str, dict[str, Any]]]:
    paths = json.loads(document(service))["paths"]
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in paths.items()
        for method, operation in item.items()
        if method in METHODS
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_has_words_and_tells_how_it_refuses(service: str) -> None:
    for name, operation in _operations(service):
        assert operation.get("summary"), name
        assert operation.get("tags"), name
        assert operation.get("responses"), name
        for status, response in operation["responses"].items():
            assert response.get("description"), f"{name} {status}"
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), f"{name} {parameter['name']}"
