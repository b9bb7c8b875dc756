"""Rows of the entity table into entities."""

from typing import Any, Final

from services.broker.domain.entity import Entity

COLUMNS: Final = "id, type, path, uri, seq, types, scopes, attrs, created_at, modified_at, expires_at"


def entity_from_row(row: Any) -> Entity:
    """Make an entity of a row that is `COLUMNS`; attributes are taken as they come (JSON already decoded)."""
    name, first, path, uri, seq, types, scopes, attrs, created_at, modified_at, expires_at = row
    return Entity(
        name,
        tuple(types) if types else (first,),
        attrs,
        path,
        uri,
        None if scopes is None else tuple(scopes),
        created_at,
        modified_at,
        expires_at,
        seq,
    )
