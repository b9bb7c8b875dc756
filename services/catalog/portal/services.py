"""The pages of the services through which a tenant's data can be had."""

from starlette.requests import Request
from starlette.responses import Response

from services.catalog.domain.query import Field, Slice
from services.catalog.operations.search import search
from services.catalog.operations.services import find_service
from services.catalog.portal.page import Page
from services.catalog.portal.results import BEST
from services.catalog.portal.service_snippets import service_snippets
from services.catalog.portal.site import audience
from services.catalog.store.hits import Asked

PAGE = "/organization/{slug}/service/{kind}"
_SHOWN = 20


async def show(request: Request) -> Response:
    """Show a service: what it serves and under which terms, where it answers, its description, examples."""
    page = Page.of(request)
    seen = await audience(request, page.site)
    slug, kind = (str(request.path_params[name]) for name in ("slug", "kind"))
    service = await find_service(page.site.catalogue, seen, slug, kind)
    asked = Asked(seen, service.serves, (Field.LICENCE,), 0)
    found = await search(page.site.catalogue, asked, Slice(_SHOWN, 0, BEST))
    addresses = page.site.catalogue.addresses
    example = next(iter(found.datasets), None)
    return page.render(
        "service.html",
        service=service,
        endpoint=addresses.endpoint(service.kind),
        description=addresses.endpoint_description(service.kind),
        console=page.site.consoles["broker" if service.kind.is_brokers else "catalog"],
        found=found,
        licences=found.facets[Field.LICENCE],
        is_restricted=any(each.access == "restricted" for each in found.datasets),
        examples=service_snippets(service, addresses, example),
        now=page.now,
    )
