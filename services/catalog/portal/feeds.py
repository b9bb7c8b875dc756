"""For readers' programs: an Atom feed of new data sets (RFC 4287), and the search's description (OpenSearch 1.1)."""

import asyncio
import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from services.catalog.domain.query import Slice, Sort, SortKey
from services.catalog.operations.search import search
from services.catalog.portal.page import Page, environment
from services.catalog.portal.results import Question
from services.catalog.portal.site import audience
from services.catalog.store.hits import Asked
from services.catalog.vocabularies.schemes import schemes
from services.kernel.clock import to_iso

FEED: Final = "/feed.atom"
OPEN_SEARCH: Final = "/opensearch.xml"
_MOST: Final = 50
_NEWEST: Final = (Sort(SortKey.CREATED, is_descending=True),)
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


async def feed(request: Request) -> Response:
    """Give the newest data sets, of those that a search finds if one is asked for. Raises Unavailable."""
    page = Page.of(request)
    await asyncio.to_thread(schemes)  # reads the names of places the first time
    question = Question.of(request.query_params)
    asked = Asked(await audience(request, page.site), question.condition())
    found = await search(page.site.catalogue, asked, Slice(_MOST, 0, _NEWEST))
    changed = max((each.updated_at for each in found.datasets), default=page.now)
    values = {"question": question, "datasets": found.datasets, "changed": changed}
    return _xml(page, "feed.xml", "application/atom+xml", values)


async def open_search(request: Request) -> Response:
    """Describe the search to browsers (OpenSearch 1.1)."""
    return _xml(Page.of(request), "opensearch.xml", "application/opensearchdescription+xml", {})


def _xml(page: Page, template: str, media_type: str, values: dict[str, Any]) -> Response:
    """Write a document, without the characters that XML 1.0 has no way to write."""
    made = environment().get_template(template)
    text = made.render(t=page.language, lang=page.language.value, site=page.site, to_iso=to_iso, **values)
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie, Authorization"}
    return Response(_NO_XML.sub("", text), media_type=media_type, headers=headers)
