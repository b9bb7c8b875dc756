"""Short names and expanded names: the tenant's default @context, with NGSI-LD's own terms kept apart.

An attribute or metadata that NGSIv2 calls like a member of NGSI-LD (`value`, `object`, `scope`, …) is stored under the
IRI of the default vocabulary, never as the member.
"""

from dataclasses import dataclass
from typing import Final

from services.broker.domain.names import DEFAULT_VOCABULARY, Context

MEMBERS: Final = frozenset(
    {
        *("id", "type", "value", "object", "languageMap", "vocab", "json", "valueList", "objectList", "scope"),
        *("createdAt", "modifiedAt", "deletedAt", "observedAt", "expiresAt", "unitCode", "datasetId", "instanceId"),
        *("objectType", "valueType", "entity", "entityList", "previousValue", "previousObject", "previousJson"),
        *("previousVocab", "previousLanguageMap", "previousValueList", "previousObjectList", "ngsildproof", "lang"),
        *("values", "objects", "languageMaps", "vocabs", "jsons", "valueLists", "objectLists", "coordinates"),
    }
)


@dataclass(frozen=True, slots=True)
class Names:
    """Expands and compacts the names of one tenant."""

    context: Context

    def expand(self, name: str) -> str:
        """Return the stored name of an attribute or metadata."""
        return DEFAULT_VOCABULARY + name if name in MEMBERS else self.context.expand(name)

    def expand_type(self, name: str) -> str:
        """Return the stored name of an entity type."""
        return self.context.expand(name)

    def short(self, iri: str) -> str:
        """Return the name that NGSIv2 shows: a term, else the IRI as it is."""
        if iri.startswith(DEFAULT_VOCABULARY):
            rest = iri[len(DEFAULT_VOCABULARY) :]
            if rest in MEMBERS:
                return rest
        return self.context.compact(iri)
