"""The live map: the entities of several live data sets, each a layer, and the same as lists."""

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset, Kind
from services.catalog.domain.query import Field, Is, Slice, Sort, SortKey
from services.catalog.downloads.export import Wanted
from services.catalog.downloads.first_features import first_features
from services.catalog.operations.live_file import LiveFile, find_live
from services.catalog.operations.search import search
from services.catalog.portal.chosen import PARAMETER, Chosen, chosen_layers
from services.catalog.portal.layers import MOST_ENTITIES, SYMBOLS, Layer, features_of, live_layer, symbols_of
from services.catalog.portal.page import Page
from services.catalog.portal.preview import Table, preview_live
from services.catalog.portal.site import Site, audience
from services.catalog.store.hits import Asked

PAGE = "/live"
_MOST_OFFERED = 200
_MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """A chosen data set: its layer, None where it has no place, and its first entities."""

    known: LiveFile
    layer: Layer | None
    table: Table | None


async def show(request: Request) -> Response:
    """Show the live data sets that the address names, else the first that has a place."""
    page = Page.of(request)
    seen = await audience(request, page.site)
    asked = Asked(seen, Is(Field.KIND, Kind.LIVE))
    offered = (await search(page.site.catalogue, asked, Slice(_MOST_OFFERED, 0, (Sort(SortKey.TITLE),)))).datasets
    chosen = await _chosen(page, seen, offered)
    shown = await _shown(page, chosen.found)
    return page.render(
        "live.html",
        owners={each.publisher.slug: each.publisher for each in offered},
        offered=offered,
        chosen=chosen,
        shown=shown,
        layers=[each.layer for each in shown if each.layer],
        symbols=SYMBOLS,
        most_entities=MOST_ENTITIES,
    )


async def _chosen(page: Page, seen: Audience, offered: tuple[Dataset, ...]) -> Chosen:
    chosen = await chosen_layers(page.site.catalogue, seen, page.request.query_params)
    if PARAMETER in page.request.query_params or not offered:
        return chosen
    first = next((each for each in offered if each.content.box), offered[0])
    return Chosen((await find_live(page.site.catalogue, seen, first.name),))


async def _shown(page: Page, found: tuple[LiveFile, ...]) -> list[Shown]:
    authorization = page.request.headers.get("authorization")
    rows = _MOST_ROWS // max(len(found), 1)
    previews = (preview_live(page.site.exports, each, page.language, authorization, rows) for each in found)
    tables = await asyncio.gather(*previews)
    symbols = symbols_of(each.live.type_name for each in found)
    return [
        Shown(each, live_layer(each, page.language, symbol) if each.statistics.box else None, table)
        for each, symbol, table in zip(found, symbols, tables, strict=True)
    ]


async def features(request: Request) -> Response:
    """Give the entities of a layer as GeoJSON, as the reader may see them. Raises HubError."""
    site: Site = request.app.state.site()
    found = await find_live(site.catalogue, await audience(request, site), str(request.path_params["reference"]))
    parameters = {"type": found.live.entity_type, "format": "geojson", "attrs": features_of(found)}
    tenant, authorization = found.dataset.publisher.name, request.headers.get("authorization")
    parts = await site.exports.begun(Wanted(tenant, authorization, "/export/entities", parameters))
    headers = {"Cache-Control": "no-store", "Vary": "Authorization, Cookie"}
    return StreamingResponse(first_features(parts, MOST_ENTITIES), media_type="application/geo+json", headers=headers)
