"""Real JSON-LD context processing, done once a context: what pyld makes of it, as look-up tables (4.4, 5.5.7)."""

from collections.abc import Mapping
from typing import Any

from pyld import jsonld

from services.broker.domain.names import CORE_CONTEXT_URL, DEFAULT_VOCABULARY, Context
from services.broker.store.core_context import CORE_URLS, core_document
from services.kernel.errors import BadData

_BASE = "https://uri.etsi.org/ngsi-ld/v1/"
_FIRST = "urn:ngsi-ld:core"


def core_context() -> Context:
    """Return the core context."""
    return _as_context(_mappings(core_document()["@context"], {}), CORE_CONTEXT_URL)


def user_context(source: Any, documents: Mapping[str, Any], core: Context) -> Context:
    """Return a user's context with the core context over it: core terms always win (4.4). Raises BadData.

    `documents` holds what each remote URL in it answered, redirects followed.
    """
    if _has_scopes(source):
        raise BadData("@context must not have contexts scoped to terms", field="@context")
    active = _mappings([_FIRST, *(source if isinstance(source, list) else [source])], documents)
    own = _as_context(active, source)
    return Context(
        terms={**own.terms, **core.terms},
        source=source,
        vocabulary=own.vocabulary,
        prefixes={**own.prefixes, **core.prefixes},
        coercions={**own.coercions, **core.coercions},
    )


def _mappings(source: Any, documents: Mapping[str, Any]) -> Any:
    def load(url: str, _: object) -> dict[str, Any]:
        if url == _FIRST or url in CORE_URLS:
            document = _unprotected_core(drop_vocabulary=url != _FIRST)
        elif url in documents:
            document = documents[url]
        else:
            raise jsonld.JsonLdError(f"{url} is not available", "jsonld.LoadDocumentError")
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": url,
            "document": {"@context": without_scopes(document["@context"])},
        }

    options = {"base": _BASE, "processingMode": "json-ld-1.1", "documentLoader": load}
    processor = jsonld.JsonLdProcessor()
    try:
        initial = processor._get_initial_context(options)
        return processor.process_context(initial, {"@context": without_scopes(source)}, options)
    except jsonld.JsonLdError as error:
        raise BadData(f"@context is not a valid JSON-LD context: {_reason(error)}", field="@context") from error
    except (TypeError, AttributeError, KeyError, ValueError, RecursionError) as error:
        raise BadData("@context is not a valid JSON-LD context", field="@context") from error


def _reason(error: BaseException) -> str:
    while error.__cause__ is not None and isinstance(error.__cause__, jsonld.JsonLdError):
        error = error.__cause__
    return str(error.args[0] if error.args else error)


def without_scopes(context: Any) -> Any:
    """Return a context without contexts scoped to terms: they never change a name at the entity's level."""
    if isinstance(context, list):
        return [without_scopes(each) for each in context]
    if not isinstance(context, dict):
        return context
    return {
        term: {key: each for key, each in definition.items() if key != "@context"}
        if isinstance(definition, dict)
        else definition
        for term, definition in context.items()
    }


def _has_scopes(source: Any) -> bool:
    if isinstance(source, list):
        return any(map(_has_scopes, source))
    if not isinstance(source, dict):
        return False
    return any(isinstance(each, dict) and "@context" in each for each in source.values())


def _unprotected_core(*, drop_vocabulary: bool) -> Any:
    # A user's @vocab counts although the core context, which has one too, is mostly named after it.
    dropped = {"@protected", "@vocab"} if drop_vocabulary else {"@protected"}
    return {"@context": {term: each for term, each in core_document()["@context"].items() if term not in dropped}}


def _as_context(active: Any, source: Any) -> Context:
    terms: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    coercions: dict[str, str] = {}
    for term, definition in active["mappings"].items():
        if definition is None or not definition.get("@id"):
            continue
        terms[term] = definition["@id"]
        if definition.get("_prefix"):
            prefixes[term] = definition["@id"]
        if definition.get("@type"):
            coercions[term] = definition["@type"]
    vocabulary = active.get("@vocab") or DEFAULT_VOCABULARY
    return Context(terms, source, vocabulary=vocabulary, prefixes=prefixes, coercions=coercions)
