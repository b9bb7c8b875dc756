"""The routes of what data sets are described with."""

from fastapi import APIRouter

from services.catalog.api.views import LicenceView, ThemeView
from services.catalog.domain.licence import LICENCES
from services.catalog.domain.theme import THEMES

router = APIRouter(tags=["Vocabularies"])


@router.get("/licences", summary="List the licences", response_model=list[LicenceView])
async def list_licences() -> list[LicenceView]:
    """List the licences that data sets can have; what a wording leaves open stays open."""
    return [
        LicenceView(
            id=each.identifier, title=each.title, title_ja=each.title_ja, url=each.url or None, is_open=each.is_open
        )
        for each in LICENCES.values()
    ]


@router.get("/themes", summary="List the themes", response_model=list[ThemeView])
async def list_themes() -> list[ThemeView]:
    """List the themes that data sets can have, with their names in two languages."""
    return [
        ThemeView(code=each.code, uri=each.uri, title=each.title, title_ja=each.title_ja) for each in THEMES.values()
    ]
