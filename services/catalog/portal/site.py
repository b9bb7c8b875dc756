"""What pages work with, and who looks at them."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request

from services.catalog.domain.audience import Audience
from services.catalog.downloads.export import Exports
from services.catalog.operations.callers import audience_for
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.hub_facts import HubClients
from services.kernel.identity import Principal, TokenVerifier


@dataclass(frozen=True, slots=True)
class Site:
    """The catalogue with its titles, who runs it, and whether it asks for tokens. `broker` is what browsers reach.

    `consoles` are the addresses of the API consoles by service, `hub` is how the other services are asked.
    """

    catalogue: Catalogue
    exports: Exports
    verifier: TokenVerifier
    title: str
    title_en: str
    operator: str
    is_open: bool
    file_limit_bytes: int
    consoles: Mapping[str, str]
    hub: HubClients

    @property
    def broker(self) -> str:
        """Where browsers reach the context broker."""
        return self.catalogue.addresses.broker

    @property
    def address(self) -> str:
        """Where browsers reach the catalogue."""
        return self.catalogue.addresses.catalog


async def caller(request: Request, site: Site) -> Principal | None:
    """Return who looks at a page, None for a visitor. Raises NotAuthenticated."""
    authorization = request.headers.get("authorization")
    if authorization is None and not site.is_open:
        return None
    return await site.verifier.identify(authorization)


async def audience(request: Request, site: Site) -> Audience:
    """Return what a visitor may see. Raises NotAuthenticated."""
    return await audience_for(site.catalogue, await caller(request, site))
