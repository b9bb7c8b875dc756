"""Names of other data sets in what is said of one: its series, and what a service serves. Who is told them."""

import dataclasses
from collections.abc import Collection, Iterable, Sequence

from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Content, Dataset


def named_by(content: Content) -> frozenset[str]:
    """Return the names of the series that a data set is in and of the data sets that it serves."""
    return frozenset(name for name in (content.series, *content.serves) if name)


def named_by_all(datasets: Iterable[Dataset]) -> set[str]:
    """Return all names that data sets speak of."""
    return {name for each in datasets for name in named_by(each.content)}


def in_question(audience: Audience, datasets: Iterable[Dataset]) -> set[str]:
    """Return the names that a caller is told only if they see what has them: who looks after a data set reads it whole.

    So nobody who writes back what they read leaves out names that were kept from them.
    """
    return named_by_all(each for each in datasets if not _is_whole(audience, each))


def told(audience: Audience, datasets: Sequence[Dataset], seen: Collection[str]) -> tuple[Dataset, ...]:
    """Return data sets as a caller is told of them who sees those of `seen` among the names in question."""
    return tuple(each if _is_whole(audience, each) else _naming(each, seen) for each in datasets)


def _is_whole(audience: Audience, dataset: Dataset) -> bool:
    return not named_by(dataset.content) or audience.sees_copies(dataset.publisher.name, dataset.unit)


def _naming(dataset: Dataset, seen: Collection[str]) -> Dataset:
    content = dataset.content
    series = content.series if content.series in seen else None
    serves = tuple(name for name in content.serves if name in seen)
    return dataclasses.replace(dataset, content=dataclasses.replace(content, series=series, serves=serves))
