"""Points for a data set's description, after the metadata quality assessment (MQA) of data.europa.eu.

Five dimensions with 405 points in all. Whether an address elsewhere answers is not tried here: such a metric counts
neither for nor against, and the rating goes by the share of the points that can be known.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from services.catalog.domain.dataset import Dataset, Publisher
from services.catalog.domain.distribution import Distribution
from services.catalog.domain.file_format import recognise
from services.catalog.domain.licence import NOT_SPECIFIED

TOTAL: Final = 405
_RATINGS: Final = ((351, "excellent"), (221, "good"), (121, "sufficient"), (0, "bad"))
_MACHINE_READABLE: Final = frozenset(
    {"CSV", "JSON", "JSON-LD", "GeoJSON", "XML", "RDF", "RDF/XML", "Turtle", "XLSX", "XLS", "ODS", "KML", "GML", "SHP"}
)
_PROPRIETARY: Final = frozenset({"XLS", "XLSX", "DOC", "DOCX", "SHP", "PPT", "PPTX"})
_INTERFACES: Final = frozenset({"NGSI-LD", "NGSIv2", "Parquet"})


class Dimension(StrEnum):
    """A side of quality."""

    FINDABILITY = "findability"
    ACCESSIBILITY = "accessibility"
    INTEROPERABILITY = "interoperability"
    REUSABILITY = "reusability"
    CONTEXTUALITY = "contextuality"


@dataclass(frozen=True, slots=True)
class Metric:
    """One thing that is looked at: `met` is None where it cannot be known here."""

    dimension: Dimension
    name: str
    maximum: int
    met: bool | None

    @property
    def points(self) -> int:
        """The points that it gives."""
        return self.maximum if self.met else 0


@dataclass(frozen=True, slots=True)
class Score:
    """All metrics of a data set."""

    metrics: Sequence[Metric]

    @property
    def points(self) -> int:
        """The points of all metrics, where what cannot be known counts as the rest does: 0 to 405."""
        known = sum(each.maximum for each in self.metrics if each.met is not None)
        return round(TOTAL * sum(each.points for each in self.metrics) / known) if known else 0

    @property
    def rating(self) -> str:
        """The rating in words: `excellent`, `good`, `sufficient`, `bad`."""
        return next(word for least, word in _RATINGS if self.points >= least)


def score(dataset: Dataset, forms: Sequence[Distribution], own_address: str) -> Score:
    """Return the points of a data set with its distributions; addresses below `own_address` are known to answer."""
    return Score((*_of_dataset(dataset), *_of_forms(forms, own_address)))


def _of_dataset(dataset: Dataset) -> Iterable[Metric]:
    content, publisher = dataset.content, dataset.publisher
    find, reuse, context = Dimension.FINDABILITY, Dimension.REUSABILITY, Dimension.CONTEXTUALITY
    licensed = content.licence != NOT_SPECIFIED
    return (
        Metric(find, "keywords", 30, bool(content.keywords)),
        Metric(find, "categories", 30, bool(content.themes)),
        Metric(find, "spatial", 20, content.spatial is not None or content.box is not None),
        Metric(find, "temporal", 20, bool(content.temporal_start or content.temporal_end or dataset.live)),
        Metric(Dimension.INTEROPERABILITY, "dcat-ap", 30, bool(content.titles and content.descriptions)),
        Metric(reuse, "licence", 20, licensed or bool(content.licence_text)),
        Metric(reuse, "known-licence", 10, licensed and "unspecified" not in content.licence),
        Metric(reuse, "access-restrictions", 10, met=True),
        Metric(reuse, "access-rights-vocabulary", 5, met=True),
        Metric(reuse, "contact", 20, content.contact is not None),
        Metric(reuse, "publisher", 10, _is_named(publisher)),
        Metric(context, "rights", 5, bool(content.licence_text or licensed)),
        Metric(context, "issued", 5, content.issued is not None or dataset.live is not None),
        Metric(context, "modified", 5, content.modified is not None),
    )


def _is_named(publisher: Publisher) -> bool:
    return bool(publisher.title) and publisher.title != publisher.name


def _of_forms(forms: Sequence[Distribution], own_address: str) -> Iterable[Metric]:
    access, operate = Dimension.ACCESSIBILITY, Dimension.INTEROPERABILITY

    def some(test: Callable[[Distribution], bool]) -> bool:
        return any(map(test, forms))

    downloads = [each.download_url for each in forms if each.download_url]
    reached = [each.access_url for each in forms if each.access_url]
    return (
        Metric(access, "access-url-answers", 50, _answers(reached, own_address) if forms else False),
        Metric(access, "download-url", 20, bool(downloads)),
        Metric(access, "download-url-answers", 30, _answers(downloads, own_address) if downloads else False),
        Metric(operate, "format", 20, some(lambda each: bool(each.format))),
        Metric(operate, "media-type", 10, some(lambda each: bool(each.media_type))),
        Metric(operate, "vocabulary", 10, some(lambda each: bool(recognise(each.format).code))),
        Metric(
            operate, "non-proprietary", 20, some(lambda each: bool(_name(each)) and _name(each) not in _PROPRIETARY)
        ),
        Metric(operate, "machine-readable", 20, some(lambda each: _name(each) in _MACHINE_READABLE | _INTERFACES)),
        Metric(Dimension.CONTEXTUALITY, "size", 5, some(lambda each: each.byte_size is not None)),
    )


def _answers(addresses: Sequence[str], own_address: str) -> bool | None:
    return True if any(each.startswith(own_address) for each in addresses) else None


def _name(form: Distribution) -> str:
    return recognise(form.format).name if form.format else ""
