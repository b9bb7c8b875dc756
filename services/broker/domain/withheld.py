"""What is kept back from a caller although its grants show it: a part of the entities, or some of their attributes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.broker.domain.attribute import default_instance
from services.broker.domain.entity import Entity
from services.broker.domain.selection import path_covers
from services.kernel.identity.assurance import Assurance


@dataclass(frozen=True, slots=True)
class Withheld:
    """Entities in a service path or scope, of some types (none: all), as a whole or only some attributes of them.

    `ial` and `aal` are the levels of assurance that would show it; both 0: nothing would. `other_types` and
    `other_paths`: only what has a type, or lies in a place, beside these. What lies in one of the `held` paths is not
    withheld. `item` names what a person's consent would show, the person being named by the attribute `subject`, or
    by the entity's id where that is empty.
    """

    path: str = "/#"
    types: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    ial: int = 0
    aal: int = 0
    other_types: tuple[str, ...] = ()
    other_paths: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    item: str = ""
    subject: str = ""

    @property
    def asked(self) -> Assurance | None:
        """The levels that would show it, None where nothing would."""
        return Assurance(self.ial, self.aal) if self.ial or self.aal else None

    def covers(self, types: Iterable[str], places: Sequence[str]) -> bool:
        """Tell whether an entity of these types, in these places, is one of those."""
        is_one = any(map(self.is_about, types)) and any(map(self._is_in, places))
        return is_one and not any(path_covers(path, place) for path in self.held for place in places)

    def person_in(self, entity: Entity) -> str | None:
        """Return the person whose consent would show it, None where the entity names none."""
        if not self.subject:
            return entity.id
        instances = entity.attrs.get(self.subject)
        value = default_instance(instances).get("value") if instances else None
        return value if isinstance(value, str) else None

    def is_about(self, type_name: str) -> bool:
        """Tell whether it is about entities of a type."""
        return (not self.types or type_name in self.types) and type_name not in self.other_types

    def _is_in(self, place: str) -> bool:
        return path_covers(self.path, place) and not any(path_covers(other, place) for other in self.other_paths)
