"""What a route gets: the use cases' means, the caller, and the part of a list that is asked for."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request

from services.auth.operations.auth import Auth
from services.kernel.app import Caller
from services.kernel.paging import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page
from services.kernel.problems import RESPONSES

__all__ = ["Caller", "Part", "Service", "refusals"]


def _service(request: Request) -> Auth:
    service: Auth = request.app.state.auth
    return service


def _part(
    limit: Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT, description="Most items in the answer")] = DEFAULT_LIMIT,
    offset: Annotated[int, Query(ge=0, le=2**53, description="How many items are passed over")] = 0,
) -> Page:
    return Page(limit, offset, count=True)


Service = Annotated[Auth, Depends(_service)]
Part = Annotated[Page, Depends(_part)]


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how a route documents its refusals; every route may also refuse its input or find the database away."""
    return {status: RESPONSES[status] for status in (400, *statuses, 503)}
