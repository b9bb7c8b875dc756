"""Keywords in CKAN's alphabet."""

import re
import unicodedata

_FORBIDDEN = re.compile(r"[^\w .-]+")
_LONGEST = 100


def tag_name(keyword: str) -> str:
    """Return a keyword as CKAN accepts a tag's name: letters, digits, space, `-`, `_`, `.`, 2 to 100 of them.

    "保健・医療・福祉" becomes "保健-医療-福祉".
    """
    plain = _FORBIDDEN.sub("-", unicodedata.normalize("NFKC", keyword)).strip(" -")[:_LONGEST]
    return plain if len(plain) > 1 else f"{plain}_"
