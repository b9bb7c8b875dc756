"""Names: core terms, the default vocabulary, and a resolved @context that expands and compacts (4.4, 5.5.7).

A `Context` is the outcome of JSON-LD context processing, done once; expanding and compacting only look names up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

NGSI_LD: Final = "https://uri.etsi.org/ngsi-ld/"
DEFAULT_VOCABULARY: Final = "https://uri.etsi.org/ngsi-ld/default-context/"
CORE_CONTEXT_URL: Final = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld"

LOCATION: Final = NGSI_LD + "location"
OBSERVATION_SPACE: Final = NGSI_LD + "observationSpace"
OPERATION_SPACE: Final = NGSI_LD + "operationSpace"


@dataclass(frozen=True)
class Context:
    """A resolved @context.

    `terms` maps each term to its IRI; `prefixes` are the terms usable in compact IRIs (`prefix:name`);
    `coercions` holds the `@type` of terms that have one (`@id`, `@vocab`, an IRI). `source` is what the user wrote
    (a URL, an object or a list) and goes into `@context` or the Link header of answers.
    """

    terms: Mapping[str, str]
    source: Any
    vocabulary: str = DEFAULT_VOCABULARY
    prefixes: Mapping[str, str] = field(default_factory=dict)
    coercions: Mapping[str, str] = field(default_factory=dict)
    _compact: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def expand(self, name: str) -> str:
        """Return the IRI of a term, a compact IRI or an IRI; an unknown term gets the default vocabulary."""
        known = self.terms.get(name)
        if known is not None:
            return known
        prefix, colon, rest = name.partition(":")
        if colon:
            namespace = self.prefixes.get(prefix)
            return namespace + rest if namespace is not None and not rest.startswith("//") else name
        return self.vocabulary + name

    def compact(self, iri: str) -> str:
        """Return the shortest name of an IRI in this context: its term, else without the vocabulary, else itself."""
        short = self._compact.get(iri)
        if short is None:
            short = self._compact[iri] = self._find_compact(iri)
        return short

    def _find_compact(self, iri: str) -> str:
        terms = sorted((term for term, target in self.terms.items() if target == iri), key=lambda t: (len(t), t))
        if terms:
            return terms[0]
        rest = iri.removeprefix(self.vocabulary)
        if rest != iri and rest and rest not in self.terms and ":" not in rest:
            return rest
        fits = [(p, ns) for p, ns in self.prefixes.items() if iri.startswith(ns) and len(iri) > len(ns)]
        if fits:
            prefix, namespace = max(fits, key=lambda fit: (len(fit[1]), fit[0]))
            return f"{prefix}:{iri[len(namespace) :]}"
        return iri
