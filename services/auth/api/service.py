"""What a route gets: the use cases' means, the caller, and the part of a list that is asked for."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from services.auth.operations.auth import Auth
from services.auth.store.reach import act, acting, reach_of
from services.kernel import app
from services.kernel.identity import Principal
from services.kernel.paging import DEFAULT_LIMIT, MAXIMUM_LIMIT, Page
from services.kernel.problems import RESPONSES


def _service(request: Request) -> Auth:
    service: Auth = request.app.state.auth
    return service


async def _caller(principal: app.Caller) -> Principal:
    """Return who calls, and let the request reach the rows of tenants that are the caller's."""
    of_caller = reach_of(principal)
    act(replace(of_caller, purposes=of_caller.purposes | acting().purposes))
    return principal


async def identifying() -> None:
    """Let a request find out who somebody is, whosever the rows are: for routes that sign in and issue tokens."""
    act(acting().also("identify"))


def _part(
    limit: Annotated[int, Query(ge=1, le=MAXIMUM_LIMIT, description="Most items in the answer")] = DEFAULT_LIMIT,
    offset: Annotated[int, Query(ge=0, le=2**53, description="How many items are passed over")] = 0,
) -> Page:
    return Page(limit, offset, count=True)


Caller = Annotated[Principal, Depends(_caller)]
Service = Annotated[Auth, Depends(_service)]
Part = Annotated[Page, Depends(_part)]


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how a route documents its refusals; every route may also refuse its input or find the database away."""
    return {status: RESPONSES[status] for status in (400, *statuses, 503)}
