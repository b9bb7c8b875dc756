"""The feed of data sets that are late: subscribed to with any feed reader (RFC 4287, Atom)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.catalog.api.requests import OPTIONAL_TOKEN, AskedTenant, Reader, Responses, TheCatalogue
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.publisher_slug import slug_of_tenant
from services.catalog.domain.query import AllOf, Condition, Field, Is, LateAt, Slice, Sort, SortKey
from services.catalog.store.find import find
from services.catalog.store.session import reading
from services.kernel.clock import to_iso_millis
from services.kernel.problems import RESPONSES

router = APIRouter(tags=["Data sets"])
_ATOM = "http://www.w3.org/2005/Atom"
_ORDER = (Sort(SortKey.DUE, is_descending=True),)
_READ: Responses = {
    200: {"description": "Atom feed", "content": {"application/atom+xml": {"schema": {"type": "string"}}}},
    **{status: RESPONSES[status] for status in (400, 401, 503)},
}


@dataclass(frozen=True)
class Asked:
    """Whose late data sets are asked for."""

    tenant: AskedTenant
    unit: Annotated[str | None, Query(description="Only this department's", max_length=600)] = None
    limit: Annotated[int, Query(ge=1, le=1000, description="Most entries")] = 100

    def condition(self, now: datetime) -> Condition:
        """Return what is late at an instant."""
        wanted: list[Condition] = [LateAt(now)]
        if self.tenant is not None:
            wanted.append(Is(Field.ORGANIZATION, slug_of_tenant(self.tenant)))
        if self.unit is not None:
            wanted.append(Is(Field.UNIT, self.unit))
        return AllOf(tuple(wanted))


AskedLate = Annotated[Asked, Depends()]


@router.get(
    "/late.atom",
    summary="Subscribe to late data sets",
    responses=_READ,
    response_class=Response,
    openapi_extra=OPTIONAL_TOKEN,
)
async def read_late(request: Request, catalogue: TheCatalogue, audience: Reader, asked: AskedLate) -> Response:
    """List the data sets that should have been renewed by now, the latest to become late first.

    An entry's identifier is the data set and the moment at which it was due: one that is late again is a new entry.
    """
    now = catalogue.clock()
    async with reading(catalogue.engine) as connection:
        found = await find(connection, audience, asked.condition(now), Slice(asked.limit, 0, _ORDER))
    address = f"{catalogue.addresses.catalog}{request.url.path}"
    body = _feed(address, catalogue.addresses, found.datasets, now)
    return Response(body, media_type="application/atom+xml")


def _feed(address: str, addresses: Addresses, datasets: tuple[Dataset, ...], now: datetime) -> bytes:
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "ja"})
    _add(feed, "id", address)
    _add(feed, "title", "更新が遅れているデータセット / Late data sets")
    _add(feed, "updated", to_iso_millis(datasets[0].due_at or now if datasets else now))
    ET.SubElement(feed, "link", {"rel": "self", "href": address})
    author = ET.SubElement(feed, "author")
    _add(author, "name", addresses.catalog)
    for each in datasets:
        due = to_iso_millis(each.due_at or now)
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", f"{addresses.dataset(each.dataset_id)}#late-{due}")
        _add(entry, "title", each.title)
        _add(entry, "updated", due)
        ET.SubElement(entry, "link", {"rel": "alternate", "href": addresses.dataset(each.dataset_id)})
        _add(ET.SubElement(entry, "author"), "name", f"{each.publisher.title} {each.unit}")
        ET.SubElement(entry, "category", {"term": each.publisher.slug, "label": each.publisher.title})
        _add(entry, "summary", f"更新期限 {due} / due {due}; 最終更新 {each.content.modified or '-'}")
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
