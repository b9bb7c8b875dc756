"""Which entities of a query a registration is about, and as what its provider is asked for them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from services.broker.domain.v2_registration import V2Registration
from services.broker.query.pattern import read_pattern

Selector: TypeAlias = Mapping[str, str]
"""`{id|idPattern, type|typePattern}` in the user's words; what is absent stands for any."""


def question_for(
    registration: V2Registration, selectors: Sequence[Selector], attributes: Sequence[str]
) -> dict[str, Any] | None:
    """Return the body of op/query that a provider is asked, or None where it has nothing to say."""
    provided = registration.attributes
    wanted = [name for name in attributes if name in provided] if attributes and provided else attributes or provided
    entities = _entities(registration, selectors)
    if not entities or (attributes and not wanted):
        return None
    return {"entities": entities, "attrs": list(wanted)} if wanted else {"entities": entities}


def _entities(registration: V2Registration, selectors: Iterable[Selector]) -> list[dict[str, str]]:
    asked: list[dict[str, str]] = []
    for selector in selectors:
        for entity in registration.document["dataProvided"]["entities"]:
            common = _common(entity, selector)
            if common is not None and common not in asked:
                asked.append(common)
    return asked


def _common(entity: Selector, selector: Selector) -> dict[str, str] | None:
    """Return what is both provided and asked for, or None."""
    if "type" in entity and not _fits(entity["type"], selector.get("type"), selector.get("typePattern")):
        return None
    if "id" in entity and not _fits(entity["id"], selector.get("id"), selector.get("idPattern")):
        return None
    name = entity if "id" in entity else selector
    part = {each: name[each] for each in ("id", "idPattern") if each in name} or {"idPattern": ".*"}
    kind = entity if "type" in entity else selector
    return {**part, **{each: kind[each] for each in ("type", "typePattern") if each in kind}}


def _fits(provided: str, exact: str | None, pattern: str | None) -> bool:
    if exact is not None:
        return provided == exact
    return pattern is None or pattern == ".*" or read_pattern(pattern, "pattern").is_in(provided)
