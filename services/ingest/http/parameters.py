"""Query parameters that several routes have."""

from typing import Annotated

from fastapi import Depends, Query

from services.ingest.domain.errors import MissingHeaders
from services.kernel.paging import Page, read_page

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


GroupName = Annotated[tuple[str, str], Depends(group_name)]
