"""Who may use the editor's pages, and that what is sent comes from them."""

from urllib.parse import urlsplit

from starlette.requests import Request

from services.catalog.domain.editor import Editor
from services.catalog.operations.appearances import require_administrator
from services.catalog.portal.site import Site, caller
from services.kernel.errors import NotAllowed, NotAuthenticated
from services.kernel.identity import Principal
from services.kernel.identity.grant import SUBTREE
from services.kernel.tenancy.callers import in_all_tenants


async def signed_in(request: Request, site: Site) -> Principal:
    """Return who edits. Raises NotAuthenticated."""
    principal = await caller(request, site)
    if principal is None:
        raise NotAuthenticated("Publishing needs a sign-in")
    return principal


async def editor(request: Request, site: Site, tenant: str | None = None) -> Editor:
    """Return who sends a form, in a tenant. Raises NotAuthenticated, and NotAllowed for a form of another site."""
    refuse_other_sites(request)
    return Editor(await signed_in(request, site), tenant)


async def administers(request: Request, site: Site, tenant: str) -> bool:
    """Tell whether the reader administers a tenant."""
    principal = await caller(request, site)
    if principal is None:
        return False
    try:
        await require_administrator(site.catalogue, Editor(principal, tenant))
    except NotAllowed:
        return False
    return True


def refuse_other_sites(request: Request) -> None:
    """Refuse a form that a page of another site sends: browsers say where it comes from. Raises NotAllowed."""
    origin = request.headers.get("origin")
    sent_from = request.headers.get("sec-fetch-site", "same-origin")
    other_origin = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if other_origin or sent_from not in ("same-origin", "none"):
        raise NotAllowed("The form comes from another site")


async def tenants(site: Site, principal: Principal) -> dict[str, str]:
    """Return the tenants that somebody may publish in, as a whole or for a unit: their titles by name.

    A tenant that a grant names is among them though nothing was written to it here yet; those below one where its grant
    is over the subtree are, as far as they let it.
    """
    principal = await in_all_tenants(site.catalogue.tenants, principal)
    known = {each.name: each for each in await site.catalogue.tenants.all()}
    named = {grant.tenant.removesuffix(SUBTREE) for grant in principal.grants} - {"*"}
    wanted = sorted(name for name in {*known, *named} if name and _publishes(principal, name))
    active = (name for name in wanted if name not in known or known[name].status == "active")
    return {name: str(known[name].details.get("title") or name) if name in known else name for name in active}


def _publishes(principal: Principal, tenant: str) -> bool:
    return any(grant.covers("publish", tenant, grant.path) for grant in principal.grants_in(tenant))
