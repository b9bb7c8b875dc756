"""Answers to searches: what is found, counted, and offered where nothing is."""

import dataclasses

import orjson
from starlette.responses import Response

from services.catalog.api.cards import Cards
from services.catalog.api.search_query import FACETS, Search
from services.catalog.domain import wording
from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import State
from services.catalog.domain.query import AllOf
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.search import look_up
from services.catalog.operations.suggest import corrections
from services.catalog.store.hits import Asked, Hits


class SearchAnswers:
    """Answers searches, with data sets that are written as JSON already."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._cards = Cards(catalogue)

    async def of(self, audience: Audience, tenant: str | None, chosen: Search) -> Response:
        """Answer a search with a `SearchPage`. Raises InvalidRequest, Unavailable."""
        if chosen.state is not State.PUBLISHED:
            audience = audience.with_hidden()
        now = self._catalogue.clock()
        asked = Asked(audience, chosen.condition(tenant, now), chosen.counted, chosen.facet_limit)
        found, is_relaxed = await look_up(self._catalogue, asked, chosen.part), False
        offers: tuple[str, ...] = ()
        if not found.total and chosen.q:
            for looser in wording.looser(chosen.q):
                again = dataclasses.replace(asked, condition=AllOf((looser, *chosen.fields(tenant, now))))
                found = await look_up(self._catalogue, again, chosen.part)
                if found.total:
                    is_relaxed = True
                    break
            else:
                offers = await corrections(self._catalogue, chosen.q)
        page = {
            **_numbers(found, chosen),
            "items": [orjson.Fragment(each) for each in await self._cards.of(found.page)],
            "facets": {name: dict(found.facets[field]) for name, field in FACETS.items() if field in found.facets},
            "relaxed": is_relaxed,
            "did_you_mean": offers,
        }
        return Response(orjson.dumps(page), media_type="application/json", headers={"Vary": "Authorization"})


def _numbers(found: Hits, chosen: Search) -> dict[str, int]:
    return {"total": found.total, "limit": chosen.limit, "offset": chosen.offset}
