"""Routes of personal keys."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.auth.api.device_keys import KeyText
from services.auth.api.oauth import TokenAnswer
from services.auth.api.service import Caller, Service, refusals
from services.auth.operations import personal_keys

router = APIRouter(tags=["Personal keys"])
TAG: dict[str, Any] = {
    "name": "Personal keys",
    "description": "Keys with which people's programs act for them, as CKAN's API tokens do",
}
_USER = "Identifier or login of a person, the caller unless given"


class NewPersonalKeyJson(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"title": "毎晩の登録"}]})

    title: str = Field(description="What it is for")
    expires_at: AwareDatetime | None = Field(None, description="When it ends, at most in five years; else never")
    user: str | None = Field(None, description="The caller's identifier or login; nobody else's", max_length=100)


class PersonalKeyJson(BaseModel):
    """A key without its secret."""

    model_config = ConfigDict(from_attributes=True)

    key_id: str = Field(description="Its identifier, part of its text", examples=["k7m2pq9rs4tu"])
    user_id: str = Field(description="The person whom it stands for", examples=["u-k7m2pq9rs4tuvwxy"])
    title: str = Field(examples=["毎晩の登録"])
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute, while tokens are made for it")


class PersonalKeyWithText(PersonalKeyJson):
    """A key with its text, at the one moment that it is known."""

    key: str = Field(description="Send it as `Authorization: Bearer …`; keep it now, only its hash is stored")


class PersonalKeyList(BaseModel):
    """The keys of a person."""

    keys: list[PersonalKeyJson]


@router.post("/personal-keys", status_code=201, summary="Make a personal key", responses=refusals(401, 403, 409))
async def create_key(
    service: Service, caller: Caller, new: NewPersonalKeyJson, response: Response
) -> PersonalKeyWithText:
    """Make a key that acts for the caller, a person, and get its text, which is shown only now.

    It is sent as it is, `Authorization: Bearer hbp_…`, to any service, and may at each use what its person may then.
    A token that an application's scope has narrowed makes none: `/account` does.
    """
    made, text = await personal_keys.create_key(service, caller, new.user, new.title, new.expires_at)
    response.headers["Cache-Control"] = "no-store"
    return PersonalKeyWithText(**PersonalKeyJson.model_validate(made).model_dump(), key=text)


@router.get("/personal-keys", summary="List personal keys", responses=refusals(401, 403, 404))
async def list_keys(
    service: Service,
    caller: Caller,
    user: Annotated[str | None, Query(description=_USER, max_length=100)] = None,
) -> PersonalKeyList:
    """List the keys of the caller, or of a person whom the caller administers, the oldest first."""
    found = await personal_keys.list_keys(service, caller, user)
    return PersonalKeyList(keys=[PersonalKeyJson.model_validate(each) for each in found])


@router.delete(
    "/personal-keys/{key_id}", status_code=204, summary="Revoke a personal key", responses=refusals(401, 403, 404)
)
async def revoke_key(
    service: Service, caller: Caller, key_id: Annotated[str, Path(description="Identifier of the key", max_length=64)]
) -> None:
    """Revoke a key: within a second no service accepts it. Its person may, and who administers the person."""
    await personal_keys.revoke_key(service, caller, key_id)


@router.post(
    "/personal-keys/token",
    summary="Exchange a personal key for a token",
    response_model_exclude_none=True,
    responses=refusals(401, 429),
)
async def exchange_key(service: Service, told: KeyText, response: Response) -> TokenAnswer:
    """Exchange a key for a token with its person's grants, as services do when a program sends them its key.

    After ten wrong secrets within a minute a key's identifier is refused with 429.
    """
    return TokenAnswer.for_key(await personal_keys.exchange_key(service, told.key), response)
