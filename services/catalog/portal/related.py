"""Data sets that a reader of one may want as well."""

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.query import AllOf, AnyOf, Condition, Field, Is, Not, Slice, Sort, SortKey
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.search import search
from services.catalog.store.hits import Asked

_SHOWN = 5
_MOST_WORDS = 5
_FRESHEST = (Sort(SortKey.SCORE, is_descending=True),)


async def related(catalogue: Catalogue, audience: Audience, dataset: Dataset) -> tuple[Dataset, ...]:
    """Return others of the same kind of thing, also of other publishers; else others of the publisher's theme."""
    self_left_out = Not(Is(Field.IDENTIFIER, str(dataset.dataset_id)))
    for same in _likenesses(dataset):
        asked = Asked(audience, AllOf((same, self_left_out)))
        found = await search(catalogue, asked, Slice(_SHOWN, 0, _FRESHEST))
        if found.datasets:
            return found.datasets
    return ()


def _likenesses(dataset: Dataset) -> list[Condition]:
    owner = Is(Field.ORGANIZATION, dataset.publisher.slug)
    found: list[Condition] = []
    if dataset.live is not None:
        found.append(Is(Field.ENTITY_TYPE, dataset.live.type_name))
    if dataset.content.series:
        found.append(Is(Field.SERIES, dataset.content.series))
    if dataset.content.keywords and dataset.live is None:
        words = dataset.content.keywords[:_MOST_WORDS]
        found.append(AnyOf(tuple(Is(Field.TAG, word) for word in words)))
    if dataset.content.themes:
        found.append(AllOf((owner, AnyOf(tuple(Is(Field.THEME, code) for code in dataset.content.themes)))))
    return [*found, owner]
