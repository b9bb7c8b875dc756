"""Titles of things, as people write them."""

import unicodedata

from services.kernel.errors import BadData

LONGEST_TITLE = 200
_UNWRITABLE = {"Cc", "Cs", "Zl", "Zp"}  # controls, lone surrogates, line and paragraph separators


def read_title(text: str, field: str) -> str:
    """Hold a title against the rule: 1 to 200 characters on one line. Raises BadData."""
    title = text.strip()
    if not 1 <= len(title) <= LONGEST_TITLE or any(unicodedata.category(sign) in _UNWRITABLE for sign in title):
        raise BadData(f"{field} must be 1 to {LONGEST_TITLE} characters on one line", field=field)
    return title
