"""What a caller may see or change of a tenant's entities: service paths, types and attributes, with expanded names.

A caller whose grant reaches everything has no view at all (None): nothing is held against it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.broker.domain.entity import Entity
from services.broker.domain.selection import path_covers
from services.kernel.identity.grant import covers

EVERYWHERE = "/#"


@dataclass(frozen=True, slots=True)
class ViewPart:
    """Entities in a service path (`/a`, `/a/#`) or scope, of some types, and some of their attributes.

    No types and no attributes mean all of them.
    """

    path: str
    types: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()

    def covers(self, types: Iterable[str], places: Sequence[str]) -> bool:
        """Tell whether an entity of these types, in one of these places, belongs to it."""
        is_typed = not self.types or any(name in self.types for name in types)
        return is_typed and any(path_covers(self.path, place) for place in places)


@dataclass(frozen=True, slots=True)
class View:
    """The parts of a tenant that a caller may see or change; none: nothing."""

    parts: tuple[ViewPart, ...] = ()

    def parts_of(self, entity: Entity) -> list[ViewPart]:
        """Return the parts that an entity belongs to."""
        places = places_of(entity)
        return [part for part in self.parts if part.covers(entity.types, places)]

    def shown(self, entity: Entity) -> Entity | None:
        """Return what is to be seen of an entity; None where it must not be known to exist."""
        parts = self.parts_of(entity)
        if not parts:
            return None
        allowed = attributes_of(parts)
        if allowed is None:
            return entity
        return entity.with_(attrs={name: value for name, value in entity.attrs.items() if name in allowed})

    def allows(self, entity: Entity, attributes: Iterable[str]) -> bool:
        """Tell whether some attributes of an entity may be changed."""
        parts = self.parts_of(entity)
        allowed = attributes_of(parts)
        return bool(parts) and (allowed is None or all(name in allowed for name in attributes))

    def shows(self, type_name: str, attribute: str | None, paths: Sequence[str]) -> bool:
        """Tell whether a type, or an attribute of it, may be named as one that occurs in service paths.

        In each path, which may end in `/#`, the view must show all entities of the type.
        """
        return all(any(_names(part, type_name, attribute, path) for part in self.parts) for path in paths)

    def hidden(self, attributes: Iterable[str]) -> str | None:
        """Return one of some attributes that not every part shows, or None: a query must not ask for it."""
        limited = [part.attributes for part in self.parts if part.attributes]
        return next((name for name in attributes if any(name not in shown for shown in limited)), None)


def _names(part: ViewPart, type_name: str, attribute: str | None, path: str) -> bool:
    return (
        covers(part.path, path)
        and (not part.types or type_name in part.types)
        and (attribute is None or not part.attributes or attribute in part.attributes)
    )


def places_of(entity: Entity) -> list[str]:
    """Return where an entity lies: its service path and its scopes."""
    return [entity.path, *("/" + scope.removeprefix("/") for scope in entity.scopes or ())]


def attributes_of(parts: Sequence[ViewPart]) -> frozenset[str] | None:
    """Return the attributes that some parts show together; None: all."""
    if any(not part.attributes for part in parts):
        return None
    return frozenset(name for part in parts for name in part.attributes)
