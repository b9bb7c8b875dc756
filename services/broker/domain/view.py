"""What a caller may see or change of a tenant's entities: service paths, types and attributes, with expanded names.

A caller whose grant reaches everything has no view at all (None): nothing is held against it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from services.broker.domain.entity import Entity
from services.broker.domain.selection import path_covers
from services.broker.domain.withheld import Withheld
from services.kernel.identity.assurance import Assurance
from services.kernel.identity.grant import covers

EVERYWHERE = "/#"


@dataclass(frozen=True, slots=True)
class ViewPart:
    """Entities in a service path (`/a`, `/a/#`) or scope, of some types, and some of their attributes.

    No types and no attributes mean all of them. What lies in one of the `closed` paths does not belong to it; where
    there are `other_types`, only what has a type beside them does.
    """

    path: str
    types: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    other_types: tuple[str, ...] = ()

    def covers(self, types: Iterable[str], places: Sequence[str]) -> bool:
        """Tell whether an entity of these types, in these places, belongs to it."""
        is_typed = any((not self.types or name in self.types) and name not in self.other_types for name in types)
        is_placed = is_typed and any(path_covers(self.path, place) for place in places)
        return is_placed and not any(path_covers(shut, place) for shut in self.closed for place in places)


@dataclass(frozen=True, slots=True)
class View:
    """The parts of a tenant that a caller may see or change (none: nothing), and what of them is withheld.

    `receiver` is the provided service that the caller belongs to, with the purpose for which it receives data.
    """

    parts: tuple[ViewPart, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    receiver: tuple[str, str] = ("", "")

    @property
    def is_limited(self) -> bool:
        """Tell whether it leaves out anything at all."""
        return bool(self.withheld) or ViewPart(EVERYWHERE) not in self.parts

    @property
    def asks_consent(self) -> bool:
        """Tell whether persons' consent may show more."""
        return bool(self.receiver[0]) and any(each.item for each in self.withheld)

    @property
    def before_consent(self) -> "View":
        """The view as it would be if everybody had consented."""
        return replace(self, withheld=tuple(each for each in self.withheld if not each.item))

    @property
    def consentable(self) -> frozenset[str]:
        """The attributes that persons' consent may show."""
        return frozenset(name for each in self.withheld if each.item for name in each.attributes)

    def asked_of(self, entities: Iterable[Entity]) -> set[tuple[str, str]]:
        """Return the persons and items whose consent decides over what is shown of entities."""
        if not self.asks_consent:
            return set()
        found = (
            (each.person_in(entity), each.item)
            for entity in entities
            for each in self.withheld
            if each.item and each.covers(entity.types, entity.places)
        )
        return {(person, item) for person, item in found if person is not None}

    def parts_of(self, entity: Entity) -> list[ViewPart]:
        """Return the parts that an entity belongs to; none where it is withheld as a whole."""
        places = entity.places
        if any(not each.attributes and each.covers(entity.types, places) for each in self.withheld):
            return []
        return [part for part in self.parts if part.covers(entity.types, places)]

    def unreached(self, paths: Sequence[str]) -> str | None:
        """Return one of some service paths that no part covers, None if there is none. No path: any part will do."""
        if not paths:
            return None if self.parts else EVERYWHERE
        return next((path for path in paths if not any(covers(part.path, path) for part in self.parts)), None)

    def shows_whole(self, path: str) -> bool:
        """Tell whether everything that may lie in a service path is shown, whatever its type and attributes."""
        if any(covers(each.path, path) or covers(path, each.path) for each in self.withheld):
            return False
        whole = [each for each in self.parts if not (each.types or each.attributes or each.other_types)]
        return any(covers(part.path, path) and not _is_closed(part, path) for part in whole)

    def shortage(self, entity: Entity) -> Assurance | None:
        """Return the levels that would show an entity that is withheld, None where levels would not do it."""
        places = entity.places
        if not any(part.covers(entity.types, places) for part in self.parts):
            return None
        return least([each for each in self.withheld if not each.attributes and each.covers(entity.types, places)])

    def shown(self, entity: Entity, consents: Collection[tuple[str, str]] = ()) -> Entity | None:
        """Return what is to be seen of an entity; None where it must not be known to exist.

        `consents` are the persons and items for which the caller has consent.
        """
        parts = self.parts_of(entity)
        if not parts:
            return None
        allowed, kept_back = attributes_of(parts), self._kept_back(entity, consents)
        if allowed is None and not kept_back:
            return entity
        names = entity.attrs.keys() - kept_back if allowed is None else (entity.attrs.keys() & allowed) - kept_back
        return entity.with_(attrs={name: value for name, value in entity.attrs.items() if name in names})

    def allows(self, entity: Entity, attributes: Iterable[str], consents: Collection[tuple[str, str]] = ()) -> bool:
        """Tell whether some attributes of an entity may be changed, or seen; `consents` as in `shown`."""
        parts = self.parts_of(entity)
        allowed, kept_back = attributes_of(parts), self._kept_back(entity, consents)
        return bool(parts) and all(
            (allowed is None or name in allowed) and name not in kept_back for name in attributes
        )

    def shows(self, type_name: str, attribute: str | None, paths: Sequence[str]) -> bool:
        """Tell whether a type, or an attribute of it, may be named as one that occurs in service paths.

        In each path, which may end in `/#`, the view must show all entities of the type.
        """
        if any(each.is_about(type_name) and _hides(each, attribute) for each in self.withheld):
            return False
        return all(any(_names(part, type_name, attribute, path) for part in self.parts) for path in paths)

    def hidden(self, attributes: Iterable[str]) -> str | None:
        """Return one of some attributes that not every part shows, or None: a query must not ask for it."""
        limited = [part.attributes for part in self.parts if part.attributes]
        kept_back = {name for each in self.withheld for name in each.attributes}
        hidden = (name for name in attributes if name in kept_back or any(name not in shown for shown in limited))
        return next(hidden, None)

    def shortage_of(self, types: Iterable[str], attributes: Iterable[str]) -> Assurance | None:
        """Return the levels that a query asks which names types and attributes; None where it asks none."""
        named, asked = tuple(types), frozenset(attributes)
        short = [
            each
            for each in self.withheld
            if (not asked.isdisjoint(each.attributes) if each.attributes else any(map(each.is_about, named)))
        ]
        return least([each for each in short if each.asked is not None])

    def _kept_back(self, entity: Entity, consents: Collection[tuple[str, str]] = ()) -> frozenset[str]:
        if not self.withheld:
            return frozenset()
        places = entity.places
        return frozenset(
            name
            for each in self.withheld
            if each.covers(entity.types, places) and (each.person_in(entity), each.item) not in consents
            for name in each.attributes
        )


def least(withheld: Sequence[Withheld]) -> Assurance | None:
    """Return the levels that would show all of it; None where there is none, or levels would not show all of it."""
    levels = [each.asked for each in withheld]
    if not levels or None in levels:
        return None
    known = [each for each in levels if each is not None]
    return Assurance(max(each.ial for each in known), max(each.aal for each in known))


def _hides(withheld: Withheld, attribute: str | None) -> bool:
    return not withheld.attributes or attribute in withheld.attributes


def _names(part: ViewPart, type_name: str, attribute: str | None, path: str) -> bool:
    return (
        covers(part.path, path)
        and not _is_closed(part, path)
        and (not part.types or type_name in part.types)
        and type_name not in part.other_types
        and (attribute is None or not part.attributes or attribute in part.attributes)
    )


def _is_closed(part: ViewPart, path: str) -> bool:
    return any(covers(shut, path) or covers(path, shut) for shut in part.closed)


def attributes_of(parts: Sequence[ViewPart]) -> frozenset[str] | None:
    """Return the attributes that some parts show together; None: all."""
    if any(not part.attributes for part in parts):
        return None
    return frozenset(name for part in parts for name in part.attributes)
