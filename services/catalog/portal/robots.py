"""For search engines: where the list of pages is, and what is no page of its own (RFC 9309)."""

from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.catalog.portal.page import Page

ROBOTS: Final = "/robots.txt"
_RULES: Final = """User-agent: *
Disallow: /editor
Disallow: /search?
Disallow: /*/entity?
Disallow: /*/download.
Disallow: /*/history.

Sitemap: {address}/sitemap.xml
"""


async def robots(request: Request) -> Response:
    """Ask search engines to read the data sets' pages, and neither each of all searches nor all entities."""
    address = Page.of(request).site.catalogue.addresses.catalog
    return PlainTextResponse(_RULES.format(address=address), headers={"Cache-Control": "public, max-age=3600"})
