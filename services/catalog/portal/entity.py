"""The page of one entity of a live data set: its attributes with labels and units, and the course of a number."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from services.catalog.domain.column_label import label
from services.catalog.domain.unit_symbol import symbol
from services.catalog.domain.value_label import value_label
from services.catalog.downloads.export import Exports, Wanted
from services.catalog.operations.live_file import LiveFile, find_live
from services.catalog.portal.history import Course, drawn, readings_of
from services.catalog.portal.language import Language
from services.catalog.portal.page import Page
from services.catalog.portal.plain import plain, plain_number
from services.catalog.portal.site import audience
from services.catalog.vocabularies.models import listed_values
from services.kernel.clock import from_iso, to_iso
from services.kernel.errors import HubError, NotFound

DAYS: Final = (1, 7, 30, 365)
_LARGEST: Final = 1024 * 1024
_MEMBERS: Final = ("id", "type", "@context", "scope")
_LONGEST_ID: Final = 2000


@dataclass(frozen=True, slots=True)
class Shown:
    """An attribute for readers: its name, what it is called, its value, unit and instant of observation."""

    name: str
    label: str
    value: str
    unit: str
    observed_at: str
    number: float | None


def path_of(dataset: str, entity_id: str) -> str:
    """Return the address of an entity's page."""
    return f"/dataset/{dataset}/entity?{urlencode({'id': entity_id})}"


async def show(request: Request) -> Response:
    """Show an entity as the reader may see it. Raises NotFound, NotAllowed, NotAuthenticated, Unavailable."""
    page = Page.of(request)
    known = await find_live(
        page.site.catalogue, await audience(request, page.site), str(request.path_params["reference"])
    )
    authorization = request.headers.get("authorization")
    entity_id = request.query_params.get("id", "")[:_LONGEST_ID]
    found = await _entity(page.site.exports, known, entity_id, authorization)
    attributes = _attributes(found, known, page.language)
    chosen = _chosen(attributes, request.query_params.get("attribute", ""))
    days = _days(request.query_params.get("days", ""))
    course = None
    if chosen is not None:
        wanted = _history(known, authorization, entity_id, (chosen, days))
        course = await _course(page.site.exports, wanted, chosen, attributes)
    title = next((each.value for each in attributes if each.name == "name" and each.value), entity_id)
    return page.render(
        "entity.html",
        dataset=known.dataset,
        entity_id=entity_id,
        title=title,
        attributes=attributes,
        numbers=[each for each in attributes if each.number is not None],
        chosen=chosen,
        course=course,
        days=days,
        all_days=DAYS,
    )


async def _entity(exports: Exports, known: LiveFile, entity_id: str, authorization: str | None) -> Mapping[str, Any]:
    path = f"/ngsi-ld/v1/entities/{quote(entity_id, safe='')}"
    body = b""
    if entity_id:
        async with exports.opened(Wanted(known.dataset.publisher.name, authorization, path)) as parts:
            async for part in parts:
                body += part
                if len(body) > _LARGEST:
                    raise NotFound(f"Entity {entity_id} is too large for a page")
    found = json.loads(body) if body else {}
    types = found.get("type", ())
    names = {known.live.entity_type, known.live.type_name}
    if names.isdisjoint([types] if isinstance(types, str) else types):
        raise NotFound(f"Data set {known.dataset.name} has no entity {entity_id}")
    return dict(found)


def _attributes(found: Mapping[str, Any], known: LiveFile, language: Language) -> list[Shown]:
    """Return the attributes: the name, what is observed, then the rest."""
    names = {each.id: each.name for each in known.statistics.attributes}
    listed = listed_values(known.live.type_name)
    shown = []
    for iri, instance in found.items():
        if iri in _MEMBERS:
            continue
        first = instance[0] if isinstance(instance, list) else instance
        member = first if isinstance(first, dict) else {"value": first}
        value = next(
            (member[each] for each in ("value", "object", "languageMap", "vocab", "json") if each in member), ""
        )
        name = names.get(iri, iri)
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        shown.append(
            Shown(
                name,
                label(name, language.value, {}),
                _said(value, listed.get(name, frozenset()), language) if number is None else plain_number(number),
                symbol(str(member.get("unitCode", ""))),
                str(member.get("observedAt", "")),
                number,
            )
        )
    return sorted(shown, key=lambda each: (each.name != "name", not each.observed_at, not each.unit))


def _said(value: Any, listed: frozenset[str], language: Language) -> str:
    return value_label(value, language.value) if isinstance(value, str) and value in listed else plain(value, language)


def _chosen(attributes: Sequence[Shown], wanted: str) -> Shown | None:
    numbers = [each for each in attributes if each.number is not None]
    observed = [each for each in numbers if each.observed_at]
    return next((each for each in numbers if each.name == wanted), next(iter(observed), None))


def _days(text: str) -> int:
    return int(text) if text in {str(each) for each in DAYS} else DAYS[1]


def _history(known: LiveFile, authorization: str | None, entity_id: str, asked: tuple[Shown, int]) -> Wanted:
    """Ask for the days before the last observation, or for all that was recorded of what is not observed."""
    chosen, days = asked
    parameters = {"type": known.live.entity_type, "id": entity_id, "attrs": chosen.name}
    last = _instant(chosen.observed_at)
    if last is not None:
        start = to_iso(last - timedelta(days=days))
        parameters |= {"timeproperty": "observedAt", "from": start}
    return Wanted(known.dataset.publisher.name, authorization, "/export/history", parameters)


def _instant(text: str) -> datetime | None:
    try:
        return from_iso(text) if text else None
    except ValueError:
        return None


async def _course(exports: Exports, wanted: Wanted, chosen: Shown, attributes: Sequence[Shown]) -> Course | None:
    """Draw an attribute, with those of the same unit that are never observed as levels to compare it with."""
    levels = [
        (each.label, each.number)
        for each in attributes
        if each.number is not None and each.unit and each.unit == chosen.unit and not each.observed_at
    ]
    try:
        return drawn(await readings_of(exports, wanted), levels if chosen.observed_at else ())
    except HubError:
        return None
