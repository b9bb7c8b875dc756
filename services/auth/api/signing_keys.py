"""Routes of the signing keys' rotation."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.auth.api.service import Caller, Service, refusals
from services.auth.tokens.key_ring import LEAD_S

router = APIRouter(tags=["Signing keys"])


class SigningKeyJson(BaseModel):
    """A signing key."""

    model_config = ConfigDict(from_attributes=True)

    kid: str = Field(description="Identifier: its JWK thumbprint (RFC 7638)")
    status: Literal["coming", "active", "retiring"]
    created_at: datetime
    active_from: datetime = Field(description="When it begins to sign")
    published_until: datetime | None = Field(description="When it leaves the JWK set; null: not planned")


class SigningKeyList(BaseModel):
    """The published keys, in the order in which they sign."""

    keys: list[SigningKeyJson]


class Rotation(BaseModel):
    """How keys are rotated."""

    model_config = ConfigDict(extra="forbid")

    lead_s: int = Field(
        LEAD_S,
        ge=0,
        le=86400,
        description="How long the new key is published before it signs, seconds; less than 600 makes services that "
        "cache keys ask again",
    )


@router.get("/signing-keys", summary="List the signing keys", responses=refusals(401, 403))
async def list_signing_keys(service: Service, caller: Caller) -> SigningKeyList:
    """List the published keys. Needs `admin` in all tenants."""
    caller.require("admin", "*")
    return SigningKeyList(keys=[SigningKeyJson.model_validate(key) for key in await service.keys.states()])


@router.post("/signing-keys", status_code=201, summary="Rotate the signing keys", responses=refusals(401, 403))
async def rotate_signing_keys(service: Service, caller: Caller, rotation: Rotation) -> SigningKeyList:
    """Make a new key, which signs after `lead_s`; the present ones stay published until their last token has expired.

    Needs `admin` in all tenants.
    """
    caller.require("admin", "*")
    keys = await service.keys.rotate(rotation.lead_s)
    return SigningKeyList(keys=[SigningKeyJson.model_validate(key) for key in keys])
