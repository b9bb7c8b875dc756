"""What routes share: who calls, which tenant is named, which catalogue answers."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query, Request
from fastapi.dependencies.models import Dependant

from services.catalog.domain.audience import Audience
from services.catalog.domain.editor import Editor
from services.catalog.operations.callers import audience_for
from services.catalog.operations.catalogue import Catalogue
from services.kernel import app
from services.kernel.app import Caller
from services.kernel.errors import InvalidRequest
from services.kernel.identity import Principal, TokenVerifier
from services.kernel.tenancy import fold_name, name_in_headers

_SERVICE = Header(alias="Fiware-Service", description="The tenant; none: the default tenant", examples=["takamatsu"])
_TENANT = Header(alias="NGSILD-Tenant", description="The same in NGSI-LD's words; if both are sent they must agree")
_ASKED = Query(description="Only this tenant's data sets; the headers mean the same", examples=["takamatsu"])


async def audience(request: Request) -> Audience:
    """Return what the caller may see; a token is optional. Raises NotAuthenticated for one that is not valid."""
    authorization = request.headers.get("authorization")
    verifier: TokenVerifier = request.app.state.verifier
    principal: Principal | None = None
    if authorization is not None or request.app.state.is_open:
        principal = request.state.principal = await verifier.identify(authorization)
    return await audience_for(request.app.state.catalogue, principal)


async def catalogue(request: Request) -> Catalogue:
    """Return the catalogue that the service runs."""
    found: Catalogue = request.app.state.catalogue
    return found


async def known_parameters(request: Request) -> None:
    """Refuse parameters that the operation does not have: an answer as if they were not there would mislead.

    OGC API wants it so (17-069r4, 7.15, query-param-unknown). Raises InvalidRequest.
    """
    unknown = sorted(set(request.query_params) - _parameters(request.scope["route"].dependant))
    if unknown:
        raise InvalidRequest(f"There is no parameter {unknown[0]:.50}", field=unknown[0][:50])


def _parameters(dependant: Dependant) -> set[str]:
    below = (_parameters(each) for each in dependant.dependencies)
    return {each.alias for each in dependant.query_params}.union(*below)


async def written_tenant(
    request: Request,
    service: Annotated[str | None, _SERVICE] = None,
    tenant: Annotated[str | None, _TENANT] = None,
) -> str:
    """Return the tenant that a write is for. Raises InvalidRequest."""
    return name_in_headers(request.headers)


async def asked_tenant(
    request: Request,
    service: Annotated[str | None, _SERVICE] = None,
    ngsild_tenant: Annotated[str | None, _TENANT] = None,
    tenant: Annotated[str | None, _ASKED] = None,
) -> str | None:
    """Return the tenant that a query asks for, None for all: of the parameter or the headers. Raises InvalidRequest."""
    named = name_in_headers(request.headers) if service is not None or ngsild_tenant is not None else None
    if tenant is None:
        return named
    folded = fold_name(tenant, "tenant")
    if named is not None and named != folded:
        raise InvalidRequest("tenant and the header name different tenants", field="tenant")
    return folded


async def editor(caller: Caller, tenant: Annotated[str, Depends(written_tenant)]) -> Editor:
    """Return the caller as one who writes in the named tenant."""
    return Editor(caller, tenant)


OPTIONAL_TOKEN = app.OPTIONAL_TOKEN

Responses = dict[int | str, dict[str, Any]]
Reader = Annotated[Audience, Depends(audience)]
TheCatalogue = Annotated[Catalogue, Depends(catalogue)]
WrittenTenant = Annotated[str, Depends(written_tenant)]
AskedTenant = Annotated[str | None, Depends(asked_tenant)]
AskedKeywords = Annotated[
    Literal["ckan"] | None, Query(description="`ckan`: keywords in the alphabet that CKAN's tags are held to")
]
TheEditor = Annotated[Editor, Depends(editor)]
