"""Regular expressions of requests: checked, and carried over to expanded names."""

import re
from typing import Any

from services.broker.domain.names import NGSI_LD
from services.broker.ngsiv2.names import Names
from services.broker.query.pattern import read_pattern
from services.kernel.errors import BadData

_LONGEST = 1024


def check_pattern(text: Any, what: str) -> str:
    """Return a regular expression that the database and the matcher take. Raises BadData, TooComplex."""
    if not isinstance(text, str) or not text:
        raise BadData(f"{what} must be a regular expression", field=what)
    if len(text) > _LONGEST:
        raise BadData(f"{what} is longer than {_LONGEST} characters", field=what)
    read_pattern(text, what)
    return text


def type_pattern(text: Any, names: Names) -> str:
    """Return the pattern over expanded types that a pattern over short types means. Raises BadData.

    A short type is the expanded one without the vocabulary, so an anchor at the start moves behind it. Terms to which
    the @context gives another IRI are tried here, and their IRIs become alternatives.
    """
    pattern = check_pattern(text, "typePattern")
    if pattern == ".*" or "://" in pattern:
        return pattern
    vocabulary = re.escape(names.context.vocabulary)
    rest = f"({pattern[1:]})" if pattern.startswith("^") else f".*({pattern})"
    is_in = read_pattern(pattern, "typePattern").is_in
    terms = [iri for term, iri in names.context.terms.items() if _is_own(iri, names) and is_in(term)]
    return "|".join([f"^{vocabulary}{rest}", *(f"^{re.escape(iri)}$" for iri in terms)])


def _is_own(iri: str, names: Names) -> bool:
    return not iri.startswith((names.context.vocabulary, NGSI_LD))
