"""What a subject stands for now, for the hub's services: they keep to it in what lasts longer than a token."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from services.auth.api.service import Caller, Service, refusals
from services.auth.operations.decisions import Subject, principal_of
from services.auth.store.database import transaction
from services.auth.store.reach import NOTHING

router = APIRouter(tags=["Tokens"])


class StandingJson(BaseModel):
    """What a token issued now would say of a subject; of one that is gone, nothing."""

    grants: list[dict[str, Any]] = Field(description="What it may do")
    ial: int
    aal: int
    service: str = Field(description="Provided service that it belongs to; empty for none")
    purposes: list[str]


@router.get("/subjects/{subject}/standing", summary="Show what a subject stands for", responses=refusals(401, 403))
async def show_standing(
    service: Service,
    caller: Caller,
    subject: Annotated[str, Path(description="Subject of a token: a client, user or `key:…`", max_length=100)],
    kind: Annotated[Literal["client", "user", "device_key"], Query(description="What it is")] = "client",
) -> StandingJson:
    """Show the grants and levels of a subject as of now. For the hub's services (`report` everywhere)."""
    caller.require("report", "*")
    async with transaction(service.engine, NOTHING.also("decide")) as connection:
        found = await principal_of(service, connection, Subject(kind, subject.removeprefix("key:")))
    if found is None:
        return StandingJson(grants=[], ial=0, aal=0, service="", purposes=[])
    return StandingJson(
        grants=[grant.document for grant in found.grants],
        ial=found.ial,
        aal=found.aal,
        service=found.service,
        purposes=list(found.purposes),
    )
