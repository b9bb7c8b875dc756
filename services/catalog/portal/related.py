"""Data sets that a reader of one may want as well."""

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.query import AllOf, AnyOf, Condition, Field, Is, Not, Slice, Sort, SortKey
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.search import search
from services.catalog.store.hits import Asked

_SHOWN = 5
_MOST_WORDS = 5
_LONGEST_SUBJECT = 30
_FRESHEST = (Sort(SortKey.SCORE, is_descending=True),)


async def related(catalogue: Catalogue, audience: Audience, dataset: Dataset) -> tuple[Dataset, ...]:
    """Return others of the same kind of thing, also of other publishers; then others of the publisher's theme."""
    found = {dataset.dataset_id: dataset}
    for same in _likenesses(dataset):
        others = AllOf((same, *(Not(Is(Field.IDENTIFIER, str(known))) for known in found)))
        results = await search(catalogue, Asked(audience, others), Slice(_SHOWN + 1 - len(found), 0, _FRESHEST))
        found |= {each.dataset_id: each for each in results.datasets}
        if len(found) > _SHOWN:
            break
    return tuple(found.values())[1:]


def _likenesses(dataset: Dataset) -> list[Condition]:
    owner = Is(Field.ORGANIZATION, dataset.publisher.slug)
    found: list[Condition] = []
    if dataset.live is not None:
        found.append(Is(Field.ENTITY_TYPE, dataset.live.type_name))
    subject = _subject(dataset)
    if len(subject) <= _LONGEST_SUBJECT:
        found.append(Is(Field.TITLE, subject))
    if dataset.content.series:
        found.append(Is(Field.SERIES, dataset.content.series))
    if dataset.content.keywords and dataset.live is None:
        words = dataset.content.keywords[:_MOST_WORDS]
        found.append(AnyOf(tuple(Is(Field.TAG, word) for word in words)))
    if dataset.content.themes:
        found.append(AllOf((owner, AnyOf(tuple(Is(Field.THEME, code) for code in dataset.content.themes)))))
    return found


def _subject(dataset: Dataset) -> str:
    """Return what a title is about, which others may have in theirs: 避難場所 of 避難場所（高松市・ライブデータ）."""
    return dataset.title.partition("（")[0].strip()
