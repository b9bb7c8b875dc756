"""Query parameters that several routes have."""

from typing import Annotated

from fastapi import Depends, Header, Query, Request

from services.ingest.domain.errors import MissingHeaders
from services.kernel.paging import Page, read_page
from services.kernel.tenancy import name_in_headers

Limit = Annotated[str | None, Query(description="Most items of the answer, 1 to 1000 (20)", examples=["20"])]
Offset = Annotated[str | None, Query(description="How many items to leave out first", examples=["0"])]


async def asked_page(limit: Limit = None, offset: Offset = None) -> Page:
    """Read the paging parameters. Raises InvalidRequest."""
    return read_page(limit, offset, count=True)


AskedPage = Annotated[Page, Depends(asked_page)]


async def group_name(
    resource: Annotated[str | None, Query(description="Resource of the group; may be empty")] = None,
    apikey: Annotated[str | None, Query(description="API key of the group")] = None,
) -> tuple[str, str]:
    """Read which group is meant. Raises MissingHeaders, as the agent calls it for parameters too."""
    if resource is None or apikey is None:
        raise MissingHeaders([name for name, value in (("resource", resource), ("apikey", apikey)) if value is None])
    return resource, apikey


async def named_tenant(
    request: Request,
    service: Annotated[str | None, Header(alias="Fiware-Service", description="Tenant; none: the default one")] = None,
) -> str:
    """Read the tenant that the request names, as NGSI does. Raises InvalidRequest."""
    return name_in_headers(request.headers)


NamedTenant = Annotated[str, Depends(named_tenant)]
GroupName = Annotated[tuple[str, str], Depends(group_name)]
