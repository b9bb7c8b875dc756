"""Whether a registration's information is about an entity (5.12)."""

from collections.abc import Collection

from services.broker.domain.registration import EntityInfo, Information
from services.broker.query.pattern import read_pattern


def is_about(part: Information, uri: str | None, types: Collection[str] = ()) -> bool:
    """Tell whether an entity is among those meant; what is not known of it (None, or no types) fits."""
    return not part.entities or any(fits(each, uri, types) for each in part.entities)


def fits(info: EntityInfo, uri: str | None, types: Collection[str] = ()) -> bool:
    """Tell whether an entity is the one, or one of those, that are registered."""
    if types and info.types.isdisjoint(types):
        return False
    if uri is None:
        return True
    if info.id is not None:
        return info.id == uri
    return info.id_pattern is None or read_pattern(info.id_pattern, "idPattern").is_in(uri)
