"""How an attribute that NGSIv2 writes joins the one that is there (Orion API, Metadata update semantics)."""

from typing import Final

from services.broker.domain.attribute import Instance
from services.broker.domain.v2_value import shown_type, typed_members, written_type
from services.broker.operations.update_operators import resolve_operator

METADATA_MEMBERS: Final[tuple[str, ...]] = ("unitCode", "observedAt", "memberTypes")
_STICKY: Final = frozenset({*METADATA_MEMBERS, "subs"})
_VALUE_MEMBERS: Final = frozenset({"kind", "type", "value", "raw", "literal", "instant"})


def stick_metadata(existing: Instance | None, incoming: Instance) -> Instance:
    """Write value and type; metadata are added and written over, never removed."""
    resolved = resolve_operator(existing, incoming)
    if existing is None:
        return resolved
    if _STICKY.isdisjoint(existing):
        return resolved
    kept = {name: existing[name] for name in METADATA_MEMBERS if name in existing and name not in resolved}
    subs = existing.get("subs")
    if subs:
        kept["subs"] = {**subs, **resolved.get("subs", {})}
    return {**resolved, **kept} if kept else resolved


def override_metadata(existing: Instance | None, incoming: Instance) -> Instance:
    """Write value, type and metadata; what the request does not bring is gone (`overrideMetadata`)."""
    return resolve_operator(existing, incoming)


def start_anew(existing: Instance | None, incoming: Instance) -> Instance:
    """Write the attribute as if it had not been there (replace all, upsert)."""
    return resolve_operator(None, incoming)


def value_only(existing: Instance | None, incoming: Instance) -> Instance:
    """Write the value and leave type and metadata (PUT …/value). Raises BadData where it does not fit the type."""
    if existing is None:
        return incoming
    kept = {name: each for name, each in existing.items() if name not in _VALUE_MEMBERS}
    type_name = written_type(existing)
    value = incoming["value"]
    if type_name is None:
        members = typed_members(shown_type(existing), value)
        del members["type"]
        return {**kept, **members}
    return {**kept, **resolve_operator(existing, typed_members(type_name, value))}
