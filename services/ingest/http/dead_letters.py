"""`/dead-letters`: what was refused, why, and sending it again."""

import base64
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.ingest.domain.letter import DeadLetter
from services.ingest.domain.refusal import Reason
from services.ingest.http.parameters import AskedPage
from services.ingest.operations.replay import replay
from services.ingest.store.letters import LetterFilter
from services.kernel.app import Caller
from services.kernel.problems import RESPONSES
from services.kernel.tenancy import fold_name, name_in_headers

router = APIRouter(prefix="/dead-letters", tags=["Dead letters"])
_ERRORS: dict[int | str, dict[str, Any]] = {status: RESPONSES[status] for status in (400, 401, 403)}
_ONE: dict[int | str, dict[str, Any]] = {**_ERRORS, 404: RESPONSES[404]}
_LARGEST_ID = 2**63 - 1
LetterId = Annotated[int, Path(ge=1, le=_LARGEST_ID, description="Number of the dead letter")]


class Letter(BaseModel):
    """A measure that was refused."""

    id: int = Field(description="Its number; newer letters have higher ones")
    received_at: datetime = Field(description="When it arrived")
    tenant: str | None = Field(description="Whose it is, if its API key tells")
    source: str = Field(description="`mqtt` or `http`", examples=["mqtt"])
    topic: str = Field(description="Topic or path", examples=["/json/fukui-river/999/attrs"])
    device: str | None = Field(description="Device id", examples=["999"])
    attribute: str | None = Field(description="The attribute it was sent to, if to only one")
    reason: Reason = Field(description="Code of the reason", examples=["unknown-device"])
    detail: str = Field(description="The reason in words")
    payload: str | None = Field(description="The payload, if it is text; at most 64 KiB of it")
    payload_base64: str | None = Field(description="The payload, if it is not text")
    payload_size: int = Field(description="Bytes of the whole payload")


class Letters(BaseModel):
    """A page of dead letters, newest first."""

    count: int = Field(description="How many match")
    letters: list[Letter]


class Summary(BaseModel):
    """How many dead letters there are, by reason."""

    count: int
    reasons: dict[str, int] = Field(examples=[{"unknown-device": 46, "not-a-number": 15, "empty-value": 50}])


class Replayed(BaseModel):
    """What was committed."""

    accepted: int = Field(description="Measures that are now in the broker")


async def asked_tenant(
    request: Request,
    principal: Caller,
    tenant: Annotated[str | None, Query(description="Only this tenant's; also by `Fiware-Service`")] = None,
) -> str | None:
    """Read whose letters are meant; all tenants' need a grant on all. Raises InvalidRequest, NotAllowed."""
    named = "fiware-service" in request.headers or "ngsild-tenant" in request.headers
    wanted = fold_name(tenant, "tenant") if tenant is not None else name_in_headers(request.headers) if named else None
    principal.require("provision", "*" if wanted is None else wanted)
    return wanted


async def asked_letters(
    tenant: Annotated[str | None, Depends(asked_tenant)],
    reason: Annotated[Reason | None, Query(description="Only with this reason")] = None,
    device: Annotated[str | None, Query(description="Only of this device", max_length=200)] = None,
    since: Annotated[
        datetime | None, Query(description="Only received at or after this time (ISO 8601; UTC unless it tells)")
    ] = None,
) -> LetterFilter:
    """Read which letters are meant."""
    at = since.replace(tzinfo=UTC) if since is not None and since.tzinfo is None else since
    return LetterFilter(tenant, reason.value if reason else None, device, at)


AskedLetters = Annotated[LetterFilter, Depends(asked_letters)]
AskedTenant = Annotated[str | None, Depends(asked_tenant)]


@router.get("", summary="List dead letters", responses=_ERRORS)
async def list_letters(request: Request, wanted: AskedLetters, page: AskedPage) -> Letters:
    """List what was refused, newest first."""
    count, letters = await request.app.state.parts.letters.list(wanted, page)
    return Letters(count=count, letters=[_shown(letter) for letter in letters])


@router.get("/summary", summary="Count dead letters by reason", responses=_ERRORS)
async def summarise_letters(request: Request, wanted: AskedLetters) -> Summary:
    """Count what was refused."""
    reasons = await request.app.state.parts.letters.count_by_reason(wanted)
    return Summary(count=sum(reasons.values()), reasons=reasons)


@router.get("/{letter_id}", summary="Read a dead letter", responses=_ONE)
async def read_letter(request: Request, letter_id: LetterId, tenant: AskedTenant) -> Letter:
    """Read one dead letter."""
    return _shown(await request.app.state.parts.letters.find(letter_id, tenant))


@router.delete("/{letter_id}", status_code=204, response_class=Response, summary="Delete a dead letter", responses=_ONE)
async def delete_letter(request: Request, letter_id: LetterId, tenant: AskedTenant) -> Response:
    """Delete one dead letter."""
    await request.app.state.parts.letters.delete(letter_id, tenant)
    return Response(status_code=204)


@router.post(
    "/{letter_id}/replay",
    summary="Send a dead letter again",
    responses={**_ONE, 409: RESPONSES[409], 503: RESPONSES[503]},
)
async def replay_letter(request: Request, letter_id: LetterId, tenant: AskedTenant) -> Replayed:
    """Send the measure again, with the time it first arrived. It is deleted when committed; refused again, it stays."""
    parts = request.app.state.parts
    outcome = await replay(parts.letters, parts.submission, letter_id, tenant)
    return Replayed(accepted=outcome.accepted)


def _shown(letter: DeadLetter) -> Letter:
    try:
        text, encoded = letter.payload.decode(), None
    except UnicodeDecodeError:
        text, encoded = None, base64.b64encode(letter.payload).decode()
    return Letter(
        id=letter.letter_id,
        received_at=letter.received_at,
        tenant=letter.tenant,
        source=letter.source,
        topic=letter.topic,
        device=letter.address.device_id if letter.address else None,
        attribute=letter.address.attribute if letter.address else None,
        reason=letter.refusal.reason,
        detail=letter.refusal.detail,
        payload=text,
        payload_base64=encoded,
        payload_size=letter.payload_size,
    )
