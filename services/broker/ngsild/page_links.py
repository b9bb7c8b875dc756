"""The number of all results and the links to the pages before and after (6.3.10, 6.3.13)."""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlencode

from services.broker.http.face import Call
from services.broker.http.response import Headers
from services.broker.ngsild.negotiation import LD_JSON, accepted, is_choosy
from services.kernel.paging import Page

# What may stand unescaped in a query (RFC 3986, 3.4), without what would end the value in a form or in the header.
_PLAIN: Final = "/?:@!$'()*;"


@dataclass(frozen=True, slots=True)
class LinkStyle:
    """How links are written: `media_type` is told where the request accepts anything.

    Entities have their parameters in alphabetical order, so that a page has one URL for caches on the way.
    """

    media_type: str = LD_JSON
    in_alphabetical_order: bool = False


PLAIN_STYLE: Final = LinkStyle()


def with_one_more(page: Page) -> Page:
    """Return the page with one more result, which tells whether there is a page after it."""
    return replace(page, limit=page.limit + 1) if page.limit else page


def page_headers(
    call: Call, page: Page, count: int | None, *, has_next: bool, links: LinkStyle = PLAIN_STYLE
) -> Headers:
    """Return the number of all results, if asked, and the links to the pages before and after."""
    headers: list[tuple[str, str]] = []
    if page.count and count is not None:
        headers.append(("NGSILD-Results-Count", str(count)))
    if page.limit == 0 or call.request.method == "POST":
        return tuple(headers)
    if has_next:
        headers.append(("Link", _link(call, links, Page(page.limit, page.offset + page.limit), "next")))
    if page.offset > 0:
        headers.append(("Link", _link(call, links, Page(page.limit, max(0, page.offset - page.limit)), "prev")))
    return tuple(headers)


def _link(call: Call, links: LinkStyle, page: Page, relation: str) -> str:
    kept = [(name, value) for name, value in call.request.parameters.pairs if name not in ("limit", "offset")]
    kept += [("limit", str(page.limit)), ("offset", str(page.offset))]
    if links.in_alphabetical_order:
        kept.sort()
    query = urlencode(kept, safe=_PLAIN, quote_via=quote)
    media_type = accepted(call.request, geo=True) if is_choosy(call.request) else links.media_type
    return f'</{"/".join(call.request.segments)}?{query}>; rel="{relation}"; type="{media_type}"'
