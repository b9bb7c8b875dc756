"""Answers to searches: what is found, counted, and offered where nothing is."""

import dataclasses
from collections.abc import Iterator

import orjson
from starlette.responses import Response

from services.catalog.api.cards import Cards
from services.catalog.api.search_query import FACETS, Search
from services.catalog.domain import wording
from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import State
from services.catalog.domain.query import AllOf, Condition
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.search import look_up
from services.catalog.operations.suggest import corrections
from services.catalog.store.hits import Asked, Hits


class SearchAnswers:
    """Answers searches, with data sets that are written as JSON already."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._cards = Cards(catalogue.addresses)

    async def of(self, audience: Audience, tenant: str | None, chosen: Search) -> Response:
        """Answer a search with a `SearchPage`. Raises InvalidRequest, Unavailable."""
        if chosen.state is not State.PUBLISHED:
            audience = audience.with_hidden()
        now = self._catalogue.clock()
        asked = Asked(audience, chosen.condition(tenant, now), chosen.counted, chosen.facet_limit)
        readings = _readings(asked, chosen, chosen.fields(tenant, now))
        found = await look_up(self._catalogue, readings, chosen.part, self._cards.of)
        hits = found.hits
        offers = await corrections(self._catalogue, chosen.q) if chosen.q and not hits.total else ()
        page = {
            **_numbers(hits, chosen),
            "items": [orjson.Fragment(each) for each in found.page],
            "facets": {name: dict(hits.facets[field]) for name, field in FACETS.items() if field in hits.facets},
            "relaxed": found.asked is not asked and hits.total > 0,
            "did_you_mean": offers,
        }
        return Response(orjson.dumps(page), media_type="application/json", headers={"Vary": "Authorization"})


def _readings(asked: Asked, chosen: Search, fields: tuple[Condition, ...]) -> Iterator[Asked]:
    """Yield what is asked, then what may have been meant if nothing has all words."""
    yield asked
    for looser in wording.looser(chosen.q or ""):
        yield dataclasses.replace(asked, condition=AllOf((looser, *fields)))


def _numbers(hits: Hits, chosen: Search) -> dict[str, int]:
    return {"total": hits.total, "limit": chosen.limit, "offset": chosen.offset}
