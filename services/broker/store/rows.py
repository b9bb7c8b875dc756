"""Rows of the entity table into entities."""

from typing import Any, Final

from services.broker.domain.entity import Entity

COLUMNS: Final = "id, type, path, uri, seq, types, scopes, attrs, created_at, modified_at, expires_at"


def entity_from_row(row: Any) -> Entity:
    """Make an entity of a row that has `COLUMNS`; attributes are taken as they come (JSON already decoded)."""
    types, scopes = row["types"], row["scopes"]
    return Entity(
        id=row["id"],
        types=tuple(types) if types else (row["type"],),
        attrs=row["attrs"],
        path=row["path"],
        uri=row["uri"],
        scopes=tuple(scopes) if scopes is not None else None,
        created_at=row["created_at"],
        modified_at=row["modified_at"],
        expires_at=row["expires_at"],
        seq=row["seq"],
    )
