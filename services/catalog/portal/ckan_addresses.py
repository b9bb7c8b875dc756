"""Addresses of CKAN's pages that are called otherwise here: who comes by one is led on."""

from types import MappingProxyType
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

_WORDS = ("q", "tags")
_CHOICES = MappingProxyType(
    {
        "organization": "publisher",
        "groups": "theme",
        "res_format": "format",
        "license_id": "licence",
        "page": "page",
        "lang": "lang",
    }
)
_SORTS = MappingProxyType(
    {
        "metadata_modified desc": "modified",
        "metadata_created desc": "created",
        "title_string asc": "title",
    }
)


async def datasets(request: Request) -> Response:
    """Lead from CKAN's list of data sets to the search, with its words and choices."""
    return _to_search(_asked(request.query_params))


async def group(request: Request) -> Response:
    """Lead from a CKAN group to the data of the theme that it is."""
    return _to_search([("theme", str(request.path_params["name"]).upper())])


def _to_search(asked: list[tuple[str, str]]) -> Response:
    return RedirectResponse(f"/search?{urlencode(asked)}", 302)


def _asked(given: QueryParams) -> list[tuple[str, str]]:
    words = " ".join(value for name, value in given.multi_items() if name in _WORDS and value)
    chosen = [(_CHOICES[name], value) for name, value in given.multi_items() if name in _CHOICES]
    asked = [(name, value.upper() if name == "theme" else value) for name, value in chosen]
    order = _SORTS.get(given.get("sort", ""))
    return [*([("q", words)] if words else []), *asked, *([("sort", order)] if order else [])]
