"""Tickets: a token that opens streams alone, sealed so that it may stand in a URL without being a token.

URLs are written to logs and histories of browsers and proxies. Who finds a ticket there can follow streams until its
token ends, and do nothing else with it.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, Field

from services.kernel.app import Caller
from services.kernel.errors import NotAuthenticated
from services.kernel.problems import RESPONSES
from services.kernel.seal import Seal, SealBroken

router = APIRouter(prefix="/stream", tags=["Streams"], responses=RESPONSES)
_KIND: Final = "stream ticket "
_LONGEST: Final = 16 * 1024


class Ticket(BaseModel):
    """What a browser puts into a stream's URL."""

    ticket: str = Field(description="Value of the parameter `ticket`; good for as long as the token it was made of")


class Tickets:
    """Makes tickets of `Authorization` headers and opens them again; any replica with the same seal can."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def close(self, authorization: str) -> str:
        """Return the ticket of a header."""
        return self._seal.close(_KIND + authorization)

    def open(self, ticket: str) -> str:
        """Return the header of a ticket. Raises NotAuthenticated."""
        try:
            opened = self._seal.open(ticket) if len(ticket) <= _LONGEST else ""
        except SealBroken:
            opened = ""
        if not opened.startswith(_KIND):
            raise NotAuthenticated("The ticket is not one of this context broker's")
        return opened.removeprefix(_KIND)


@router.post("/tickets", summary="Get a ticket for a stream", status_code=201)
async def create_ticket(
    request: Request, caller: Caller, authorization: Annotated[str, Header(include_in_schema=False)] = ""
) -> Ticket:
    """Return a ticket for a reader that cannot send its token as a header, as a browser's EventSource cannot."""
    if not authorization:
        raise NotAuthenticated("A ticket is made of a token; without one a stream needs none")
    tickets: Tickets = request.app.state.tickets
    return Ticket(ticket=tickets.close(authorization))
