"""The feed of whose grants have changed."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.auth.api.polling import LONGEST_WAIT_S, long_poll
from services.auth.api.service import Caller, refusals
from services.auth.operations.feed import Feed
from services.auth.store.policy_changes import PolicyChange

router = APIRouter(tags=["Tokens"])


class PolicyChangeJson(BaseModel):
    """Whose tokens are outdated."""

    model_config = ConfigDict(from_attributes=True)

    subject: str = Field(description="Client, user or device key", examples=["river-watch"])
    position: int = Field(description="Its tokens with a smaller `rev` are outdated", examples=[7])


class PolicyFeedPage(BaseModel):
    """Whose grants have changed after a position, the oldest change first."""

    position: int = Field(description="Ask for the changes after this one next", examples=[7])
    changes: list[PolicyChangeJson]


@router.get("/feed/policies", summary="Follow whose grants change", responses=refusals(401))
async def follow_policies(
    request: Request,
    caller: Caller,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="Position reached so far; 0: from the start")] = 0,
    wait_s: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="How long to wait for a change, seconds")] = 0,
) -> PolicyFeedPage:
    """Return the subjects whose grants, secret or status changed after a position, each once, of the last two hours.

    A long poll like that of tenants. A token carries the position at which it was issued as `rev`; one that is older
    than its subject's last change is outdated. Any caller may.
    """
    feed: Feed[PolicyChange] = request.app.state.policy_feed
    found = await long_poll(request, feed, after, wait_s)
    changes = [PolicyChangeJson.model_validate(each) for each in found.changes]
    return PolicyFeedPage(position=found.position, changes=changes)
