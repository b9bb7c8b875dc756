"""CKAN's own Python client against a running catalogue."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from ckanapi import NotFound, RemoteCKAN, ValidationError
from ckanapi.errors import SearchQueryError

from services.catalog.main import create_app
from services.catalog.settings import CatalogSettings
from tests.integration.catalog.conftest import LIST, TAKAMATSU
from tests.support.serving import served


@pytest.mark.parametrize("get_only", [False, True], ids=["POST", "GET"])
async def test_ckanapi_lists_shows_and_searches(settings: CatalogSettings, *, get_only: bool) -> None:
    with served(create_app(settings)) as url:
        async with httpx.AsyncClient(base_url=url) as client:
            await client.post("/datasets/import", content=LIST.read_bytes(), headers=TAKAMATSU)
        with RemoteCKAN(url, get_only=get_only) as ckan:
            await asyncio.to_thread(_use, ckan)


def _use(ckan: Any) -> None:
    names = ckan.action.package_list()
    assert len(names) == 113
    shown = [ckan.action.package_show(id=name) for name in names[:5]]
    assert [each["name"] for each in shown] == names[:5]
    found = ckan.action.package_search(q="避難", fq="organization:takamatsu", rows=5, sort="name asc")
    assert found["count"] == len(found["results"]) > 0
    assert ckan.action.organization_show(id="takamatsu")["package_count"] == 113
    assert len(ckan.action.license_list()) > 5
    assert _raised(lambda: ckan.action.package_show(id="nothing")) is NotFound
    assert _raised(ckan.action.package_show) is ValidationError
    assert _raised(lambda: ckan.action.package_search(fq="colour:red")) is SearchQueryError


def _raised(call: Callable[[], object]) -> type[BaseException] | None:
    try:
        call()
    except Exception as error:
        return type(error)
    return None
