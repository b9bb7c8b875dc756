"""Keywords in CKAN's alphabet."""

import re
import unicodedata
from dataclasses import replace

from services.catalog.domain.dataset import Dataset

_FORBIDDEN = re.compile(r"[^\w .-]+")
_LONGEST = 100


def tag_name(keyword: str) -> str:
    """Return a keyword as CKAN accepts a tag's name: letters, digits, space, `-`, `_`, `.`, 2 to 100 of them.

    "保健・医療・福祉" becomes "保健-医療-福祉".
    """
    plain = _FORBIDDEN.sub("-", unicodedata.normalize("NFKC", keyword)).strip(" -")[:_LONGEST]
    return plain if len(plain) > 1 else f"{plain}_"


def with_tags(dataset: Dataset) -> Dataset:
    """Return a data set whose keywords CKAN accepts as tags."""
    tags = tuple(dict.fromkeys(map(tag_name, dataset.content.keywords)))
    return replace(dataset, content=replace(dataset.content, keywords=tags))
