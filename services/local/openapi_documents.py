"""The OpenAPI documents of all services, as they are published and kept in `schemas/openapi`.

`python -m services.local.openapi_documents DIRECTORY` writes them.
"""

import importlib
import json
import sys
from pathlib import Path

from services.local.environment import SERVICES
from services.local.service_settings import service_settings


def openapi_document(service: str) -> str:
    """Write the document of one service: sorted, indented, ready to be compared."""
    create_api = importlib.import_module(f"services.{service}.main").create_api
    document = create_api(service_settings(service)()).openapi()
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write every document to the directory that is given."""
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for service in SERVICES:
        (directory / f"{service}.json").write_text(openapi_document(service), encoding="utf-8")


if __name__ == "__main__":
    main()
