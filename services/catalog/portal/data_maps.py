"""The page of data maps (データマップ): both views, what changed since a day, and files; for who reads the tenant."""

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.catalog.datamap.difference import Step, View
from services.catalog.datamap.sheets import sheet_of
from services.catalog.domain.dataset import Publisher
from services.catalog.operations import data_maps as operation
from services.catalog.operations.appearances import require_administrator
from services.catalog.portal.editor import guard
from services.catalog.portal.editor.form import text_of
from services.catalog.portal.language import Language
from services.catalog.portal.page import Page
from services.catalog.portal.site import Site, audience, caller
from services.catalog.store.data_maps import KeptMap
from services.catalog.store.publishers import active_publishers
from services.catalog.store.session import reading
from services.kernel.errors import HubError, InvalidRequest, NotAllowed, NotAuthenticated, NotFound
from services.kernel.tenancy import fold_name

PAGE: Final = "/data-map"
DRAW: Final = "/editor/data-map"
_FORMS: Final = ("csv", "xlsx")
_LONGEST_NUMBER: Final = 18
_MEMBERS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "name": ("名前", "Name"),
        "provider": ("提供者", "Provider"),
        "status": ("状態", "Status"),
        "intake": ("取込データ", "Takes in"),
        "internal": ("取得データ（内部のみ）", "Collects for itself"),
        "external": ("取得データ（外部提供可能）", "Collects for others"),
        "receivers": ("提供先", "Receivers"),
        "owner": ("データ所管元", "Owner"),
        "place": ("データの所在", "Where they lie"),
        "origins": ("取得元", "Origins"),
    }
)
_KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"added": ("追加", "New"), "removed": ("なくなった", "Gone"), "changed": ("変更", "Changed")}
)


async def show(request: Request) -> Response:
    """Show a tenant's map; with `since`, what changed from the map of that day. Raises NotAllowed, NotAuthenticated."""
    page = Page.of(request)
    readable = await _readable(request, page.site)
    chosen = _chosen(request, readable)
    kept = await _map(page, chosen, request.query_params.get("map", ""))
    since = request.query_params.get("since", "").strip()
    before, steps, fault = await _changes(page, chosen, kept, since)
    return page.render(
        "data_map.html",
        readable=readable,
        chosen=chosen,
        kept=kept,
        since=since,
        before=before,
        steps=steps,
        fault=fault,
        member_name=member_name,
        kind_name=kind_name,
        is_administrator=await guard.administers(request, page.site, chosen.name),
        drawing=DRAW,
        said=said,
        View=View,
    )


async def draw(request: Request) -> Response:
    """Draw a tenant's map now, for its administrators. Raises NotAuthenticated, NotAllowed."""
    page = Page.of(request)
    writer = await guard.editor(request, page.site)
    async with request.form(max_files=0, max_fields=5) as form:
        tenant = fold_name(text_of(form, "tenant"), "tenant")
    await require_administrator(page.site.catalogue, dataclasses.replace(writer, tenant=tenant))
    await operation.draw_map(page.site.catalogue, page.site.hub, tenant, writer.principal.subject)
    return RedirectResponse(f"{PAGE}?{urlencode({'tenant': tenant})}", 303)


async def download(request: Request) -> Response:
    """Give a map as CSV (one view) or as a workbook. Raises NotAllowed, NotAuthenticated, NotFound."""
    form = request.path_params["form"]
    if form not in _FORMS:
        raise NotFound("A data map comes as CSV or XLSX")
    page = Page.of(request)
    chosen = _chosen(request, await _readable(request, page.site))
    kept = await _map(page, chosen, request.query_params.get("map", ""))
    if kept is None:
        raise NotFound(f"{chosen.title} has no data map yet")
    view = View.SERVICES if request.query_params.get("view") == View.SERVICES else View.DATASETS
    file = sheet_of(kept.content, form, view)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "X-Content-Type-Options": "nosniff"}
    return Response(file.body, media_type=file.media_type, headers=headers)


async def _readable(request: Request, site: Site) -> list[Publisher]:
    """Return the tenants that the caller reads whole, by name. Raises NotAuthenticated, NotAllowed if there is none."""
    seen = await audience(request, site)
    async with reading(site.catalogue.engine) as connection:
        found = [each for each in await active_publishers(connection) if seen.reads(each.name)]
    if not found and await caller(request, site) is None:
        raise NotAuthenticated("Sign in to see data maps")
    if not found:
        raise NotAllowed("Data maps are for who may read a whole tenant")
    return found


def _chosen(request: Request, readable: Sequence[Publisher]) -> Publisher:
    wanted = request.query_params.get("tenant")
    if wanted is None:
        return max(readable, key=lambda each: each.name != "")
    found = next((each for each in readable if each.name == wanted), None)
    if found is None:
        raise NotAllowed(f"You may not read the whole of {wanted}")
    return found


async def _map(page: Page, chosen: Publisher, number: str) -> KeptMap | None:
    """Return the map with a number, the latest without; None while there is none. Raises NotFound, InvalidRequest."""
    if number and not (number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER):
        raise InvalidRequest("map must be the number of a data map", field="map")
    try:
        return await operation.find_map(page.site.catalogue, chosen.name, int(number) if number else None)
    except NotFound:
        if number:
            raise
        return None


async def _changes(
    page: Page, chosen: Publisher, kept: KeptMap | None, since: str
) -> tuple[KeptMap | None, list[Step], str]:
    """Return the earlier map with what changed since, or what keeps it from being told."""
    if kept is None or not since:
        return None, [], ""
    try:
        day = date.fromisoformat(since)
        before, steps = await operation.changes_since(page.site.catalogue, chosen.name, kept, day)
    except (ValueError, OverflowError):
        return (
            None,
            [],
            page.language("年月日を「2026-04-01」のように書いてください。", "Write the day like 2026-04-01."),
        )
    except HubError:
        return (
            None,
            [],
            page.language("その日までに作られたデータマップはありません。", "No map was drawn by that day."),
        )
    return before, steps, ""


def member_name(member: str, language: Language) -> str:
    """Return what a member of an entry is called."""
    return language(*_MEMBERS[member]) if member in _MEMBERS else member


def kind_name(kind: str, language: Language) -> str:
    """Return what happened to an entry."""
    return language(*_KINDS[kind])


def said(value: Any) -> str:
    """Write a member's value in one line."""
    if isinstance(value, dict):
        more = "、".join(filter(None, (value["frequency"], value["method"])))
        return f"{value['name']}（{more}）" if more else str(value["name"])
    if isinstance(value, list | tuple):
        return "／".join(said(each) for each in value) or "—"
    return str(value) or "—"
