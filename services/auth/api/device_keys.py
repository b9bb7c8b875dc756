"""Routes of device keys."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.auth.api.client_json import GrantJson
from services.auth.api.oauth import TokenAnswer
from services.auth.api.service import Caller, Part, Service, refusals
from services.auth.domain.access import MOST_GRANTS
from services.auth.operations import device_keys
from services.auth.operations.device_keys import NewKey

router = APIRouter(tags=["Device keys"])
KeyId = Annotated[str, Path(description="Identifier of the key", max_length=64, examples=["k7m2pq9rs4tu"])]
_GRANT: dict[str, Any] = {
    "tenant": "takamatsu",
    "path": "/rivers/#",
    "types": ["WaterLevelObserved"],
    "actions": ["write"],
}


class NewKeyJson(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"tenant": "takamatsu", "title": "新川の水位計", "grants": [_GRANT]}]},
    )

    tenant: str = Field(description="Tenant that the key belongs to", max_length=100)
    grants: list[GrantJson] = Field(
        description="What it may do in its tenant: `read`, `write`, `subscribe`, `register`, `provision`, `publish`",
        min_length=1,
        max_length=MOST_GRANTS,
    )
    title: str | None = Field(None, description="What it is for")
    expires_at: AwareDatetime | None = Field(None, description="When it ends, at most in five years; else never")


class KeyJson(BaseModel):
    """A key without its secret."""

    model_config = ConfigDict(from_attributes=True)

    key_id: str = Field(description="Its identifier, part of its text", examples=["k7m2pq9rs4tu"])
    tenant: str = Field(examples=["takamatsu"])
    title: str | None = Field(examples=["新川の水位計"])
    status: Literal["active", "revoked"]
    grants: list[GrantJson]
    created_by: str = Field(description="Who made it", examples=["administrator"])
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute, while tokens are made for it")


class KeyWithText(KeyJson):
    """A key with its text, at the one moment that it is known."""

    key: str = Field(description="Send it as `Authorization: Bearer …`; keep it now, only its hash is stored")


class KeyList(BaseModel):
    """One page of keys."""

    total: int = Field(description="How many there are on all pages", examples=[1])
    keys: list[KeyJson]


class KeyText(BaseModel):
    """A key as a device holds it."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(description="The whole text, `hbk_…`", max_length=200)


@router.post("/device-keys", status_code=201, summary="Make a device key", responses=refusals(401, 403))
async def create_key(service: Service, caller: Caller, new: NewKeyJson, response: Response) -> KeyWithText:
    """Make a key for a device or a small program, and get its text, which is shown only now.

    It holds 256 random bits and is sent as it is, `Authorization: Bearer hbk_…`, to the context broker and to ingest.
    Needs `admin` in the tenant.
    """
    wanted = NewKey(new.tenant, tuple(grant.to_grant() for grant in new.grants), new.title, new.expires_at)
    made, text = await device_keys.create_key(service, caller, wanted)
    response.headers["Cache-Control"] = "no-store"
    return KeyWithText(**KeyJson.model_validate(made).model_dump(), key=text)


@router.get("/device-keys", summary="List device keys", responses=refusals(401, 403))
async def list_keys(service: Service, caller: Caller, part: Part) -> KeyList:
    """List the keys of the tenants that the caller administers, revoked ones too, by identifier."""
    found, total = await device_keys.list_keys(service, caller, part)
    return KeyList(total=total, keys=[KeyJson.model_validate(each) for each in found])


@router.delete(
    "/device-keys/{key_id}", status_code=204, summary="Revoke a device key", responses=refusals(401, 403, 404)
)
async def revoke_key(service: Service, caller: Caller, key_id: KeyId) -> None:
    """Revoke a key: within a second no service accepts it. It stays in the list. Needs `admin` in its tenant."""
    await device_keys.revoke_key(service, caller, key_id)


@router.post(
    "/device-keys/token",
    summary="Exchange a device key for a token",
    response_model_exclude_none=True,
    responses=refusals(401, 429),
)
async def exchange_key(service: Service, told: KeyText, response: Response) -> TokenAnswer:
    """Exchange a key for a token with the key's grants, as services do when a device sends them its key.

    After ten wrong secrets within a minute a key's identifier is refused with 429.
    """
    return TokenAnswer.for_key(await device_keys.exchange_key(service, told.key), response)
