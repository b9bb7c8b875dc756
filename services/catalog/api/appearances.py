"""The routes of tenants' appearances: name, description, contact, colour and emblem."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.catalog.api.input_parts import ContactInput, Input
from services.catalog.api.requests import OPTIONAL_TOKEN, Responses, TheCatalogue, TheEditor, WrittenTenant
from services.catalog.api.sent_by_others import HARMLESS
from services.catalog.api.values import Language, ShortText
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.appearance import MEDIA_TYPES, MOST_OCTETS, Accent, Appearance
from services.catalog.domain.dataset import Publisher
from services.catalog.domain.publisher_slug import tenant_of_slug
from services.catalog.operations import appearances as operation
from services.catalog.store.appearances import picture_of
from services.catalog.store.session import reading
from services.kernel.errors import NotFound, TooLarge
from services.kernel.problems import RESPONSES

router = APIRouter(tags=["Appearance"])
TAG = {"name": "Appearance", "description": "How a tenant shows itself: name, contact, colour, emblem"}
_WRITE: Responses = {status: RESPONSES[status] for status in (400, 401, 403, 503)}
_PICTURE = {"schema": {"type": "string", "format": "binary"}}
_SENT = {"requestBody": {"required": True, "content": dict.fromkeys(MEDIA_TYPES, _PICTURE)}}
_CACHE = {"Cache-Control": "public, max-age=300"}
Words = Annotated[dict[Language, Annotated[ShortText, Field(min_length=1)]], Field(max_length=20)]
"""Short texts by language."""


class AppearanceInput(Input):
    """What a tenant says of itself; what is left out is not said."""

    names: Words = Field({}, description="Its name by language, in the stead of auth's", examples=[{"ja": "高松市"}])
    descriptions: Words = Field({}, description="A few words by language", examples=[{"ja": "瀬戸の都のデータ"}])
    contact: ContactInput | None = Field(None, description="Whom to ask")
    accent: Accent | None = Field(None, description="Colour of its pages, of the design system's palette")

    def value(self) -> Appearance:
        """Return it as the domain's value."""
        contact = self.contact.value() if self.contact else None
        asked = (contact.name, contact.email, contact.url) if contact else ("", "", "")
        return Appearance(self.names, self.descriptions, *asked, self.accent or "")


class ContactView(BaseModel):
    """Whom to ask."""

    name: str
    email: str | None = None
    url: str | None = None


class AppearanceView(BaseModel):
    """What a tenant says of itself."""

    names: dict[str, str]
    descriptions: dict[str, str]
    contact: ContactView | None = None
    accent: Accent | None = None
    emblem: str | None = Field(None, description="Address of its emblem (PNG)")

    @classmethod
    def of(cls, publisher: Publisher, addresses: Addresses) -> "AppearanceView":
        """Write how a publisher shows itself."""
        shown = publisher.appearance
        asked = {"name": shown.contact_name, "email": shown.contact_email or None, "url": shown.contact_url or None}
        return cls(
            names=dict(shown.names),
            descriptions=dict(shown.descriptions),
            contact=ContactView.model_validate(asked) if shown.contact_name else None,
            accent=Accent(shown.accent) if shown.accent else None,
            emblem=addresses.emblem(publisher) or None,
        )


@router.get(
    "/appearance",
    summary="Read the appearance of a tenant",
    response_model=AppearanceView,
    openapi_extra=OPTIONAL_TOKEN,
)
async def read_appearance(catalogue: TheCatalogue, tenant: WrittenTenant) -> AppearanceView:
    """Return what a tenant says of itself to everybody; empty where it says nothing, or is not known."""
    found = await operation.find_publisher(catalogue, tenant)
    return AppearanceView(names={}, descriptions={}) if found is None else AppearanceView.of(found, catalogue.addresses)


@router.put("/appearance", summary="Set how a tenant shows itself", response_model=AppearanceView, responses=_WRITE)
async def put_appearance(catalogue: TheCatalogue, editor: TheEditor, body: AppearanceInput) -> AppearanceView:
    """Say all anew but the emblem, which stays. Needs `admin` in the tenant."""
    return AppearanceView.of(await operation.change_appearance(catalogue, editor, body.value()), catalogue.addresses)


@router.delete("/appearance", status_code=204, summary="Remove how a tenant shows itself", responses=_WRITE)
async def delete_appearance(catalogue: TheCatalogue, editor: TheEditor) -> None:
    """Take all back, the emblem too. Needs `admin` in the tenant."""
    await operation.remove_appearance(catalogue, editor)


@router.put(
    "/appearance/emblem",
    summary="Set the emblem of a tenant",
    response_model=AppearanceView,
    responses={**_WRITE, 413: RESPONSES[413]},
    openapi_extra=_SENT,
)
async def put_emblem(request: Request, catalogue: TheCatalogue, editor: TheEditor) -> AppearanceView:
    """Take the body as the emblem: PNG, JPEG or WebP of at most 1 MB and 2,048 pixels a side.

    It is drawn anew as PNG, at most 512 pixels a side, without metadata. Needs `admin` in the tenant.
    """
    await operation.require_administrator(catalogue, editor)
    sent = bytearray()
    async for part in request.stream():
        sent += part
        if len(sent) > MOST_OCTETS:
            raise TooLarge("An emblem has at most 1 MB")
    return AppearanceView.of(await operation.change_emblem(catalogue, editor, bytes(sent)), catalogue.addresses)


@router.delete("/appearance/emblem", status_code=204, summary="Remove the emblem of a tenant", responses=_WRITE)
async def delete_emblem(catalogue: TheCatalogue, editor: TheEditor) -> None:
    """Show no emblem. Needs `admin` in the tenant."""
    await operation.change_emblem(catalogue, editor, None)


@router.get(
    "/organization/{slug}/emblem.png",
    summary="Read the emblem of a publisher",
    responses={200: {"content": {"image/png": _PICTURE}}, 404: RESPONSES[404], 503: RESPONSES[503]},
    response_class=Response,
    openapi_extra=OPTIONAL_TOKEN,
)
async def read_emblem(
    catalogue: TheCatalogue, slug: Annotated[str, Path(description="Name of the publisher", max_length=100)]
) -> Response:
    """Return the emblem as PNG; everybody sees it."""
    async with reading(catalogue.engine) as connection:
        emblem = await picture_of(connection, tenant_of_slug(slug))
    if emblem is None:
        raise NotFound(f"Publisher {slug} has no emblem")
    headers = {**HARMLESS, **_CACHE, "ETag": f'"{emblem.digest}"'}
    return Response(emblem.content, media_type="image/png", headers=headers)
