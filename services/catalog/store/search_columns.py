"""What a data set is found by: its text in the order of weight, its grams, and how fresh it is."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.catalog.domain import search_terms
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.freshness import end_of, instant_of
from services.catalog.domain.tag import tag_name
from services.catalog.domain.theme import THEMES
from services.catalog.domain.thesaurus import other_words

ANALYSIS = "6"
"""The rules by which text is made findable; rows that were made by others are made anew."""

_LIVE_FORMATS = ("ngsi-ld", "ngsiv2", "csv", "geojson", "parquet")


def search_columns(dataset: Dataset) -> dict[str, Any]:
    """Return the columns that searches read.

    `document` holds titles, then labels (keywords, themes, publisher, other words for the same), then prose, then the
    columns' names; `title_end`, `labels_end` and `prose_end` say where each ends, so that the first place of a phrase
    tells the best field that has it.
    """
    content, live = dataset.content, dataset.live
    heading = search_terms.document((*content.titles.values(), dataset.name))
    labels = search_terms.document(_labels(dataset, heading))
    prose = search_terms.document(content.descriptions.values())
    columns = search_terms.document(_column_names(dataset))
    document, ends = _joined((heading, labels, prose, columns))
    formats = {each.format.casefold() for each in content.distributions if each.format}
    found = search_terms.grams(document) | search_terms.in_title(search_terms.grams(heading))
    return {
        "due_at": dataset.due_at,
        "covers_from": instant_of(content.temporal_start),
        "covers_to": end_of(content.temporal_end),
        "tags": sorted({tag_name(keyword) for keyword in content.keywords}),
        "formats": sorted(formats.union(_LIVE_FORMATS if live else ())),
        "heading": heading,
        "document": document,
        "title_end": ends[0],
        "labels_end": ends[1],
        "prose_end": ends[2],
        "terms": sorted(found),
        "fresh_at": _fresh_at(dataset),
        "analysed_as": analysed_as(dataset.publisher.title, dataset.publisher.title_en),
    }


def analysed_as(title: str, title_en: str) -> str:
    """Name the rules and the publisher's titles that a row's search columns are made with."""
    return "\n".join((ANALYSIS, title, title_en))


def _labels(dataset: Dataset, heading: str) -> Iterable[str]:
    content, live, publisher = dataset.content, dataset.live, dataset.publisher
    themes = [THEMES[code] for code in content.themes]
    own = (*content.keywords, *((live.type_name, live.entity_type) if live else ()))
    said = "\n".join((heading, search_terms.document(own)))
    return (
        *own,
        *(title for theme in themes for title in (theme.title_ja, theme.title)),
        publisher.title,
        publisher.title_en,
        *other_words(said),
    )


def _column_names(dataset: Dataset) -> Iterable[str]:
    return dataset.live.attributes if dataset.live else ()


def _joined(parts: Iterable[str]) -> tuple[str, list[int]]:
    """Join parts by line breaks; return the text and the length of it up to the end of each part."""
    text, ends = "", []
    for part in parts:
        text = f"{text}\n{part}" if text and part else text or part
        ends.append(len(text))
    return text, ends


def _fresh_at(dataset: Dataset) -> datetime:
    """Return when the data last changed, as far as is told; never later than when that was heard of."""
    told = instant_of(dataset.content.modified) or instant_of(dataset.content.issued)
    return min(told, dataset.updated_at) if told else dataset.updated_at
