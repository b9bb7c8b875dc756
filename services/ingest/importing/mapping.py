"""How the columns of a kind of file become attributes: data files in `services/ingest/mappings`."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from services.kernel.errors import InvalidRequest, NotFound


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnRule(_Data):
    """One attribute: of the columns named, the first that the file has."""

    name: str = Field(description="Name of the attribute")
    columns: tuple[str, ...] = Field(min_length=1)
    kind: Literal["text", "number", "flag", "grade", "url", "municipality-code"] = "text"
    unit_code: str | None = None
    is_required: bool = False


class PositionRule(_Data):
    """Where the coordinates stand."""

    latitude: tuple[str, ...] = ("latitude", "緯度")
    longitude: tuple[str, ...] = ("longitude", "経度")


class AddressRule(_Data):
    """Where the parts of the postal address stand."""

    street: tuple[str, ...] = ("address", "住所", "所在地_連結表記")
    region: tuple[str, ...] = ()
    locality: tuple[str, ...] = ()


class HoursRule(_Data):
    """Where days and times of opening stand."""

    days: tuple[str, ...] = ("availableDate", "利用可能曜日")
    opens: tuple[str, ...] = ("startTime", "開始時間")
    closes: tuple[str, ...] = ("endTime", "終了時間")


class Mapping(_Data):
    """A kind of file, recognised by its columns, and the entities that its rows are."""

    name: str
    title: str
    type: str
    recognised_by: tuple[str, ...] = Field(min_length=1, description="Columns that every such file has")
    id_columns: tuple[str, ...] = Field(("#property",), description="Columns with the row's number or local id")
    placeholders: tuple[str, ...] = Field((), description="Names that stand for a row nobody filled in")
    position: PositionRule | None = PositionRule()
    address: AddressRule | None = AddressRule()
    hours: HoursRule | None = None
    attributes: tuple[ColumnRule, ...]

    @property
    def known_columns(self) -> frozenset[str]:
        """Every column that the mapping reads."""
        rules = [rule.columns for rule in self.attributes]
        places = [self.position, self.address, self.hours]
        more = [columns for place in places if place for columns in place.model_dump().values()]
        return frozenset(name for columns in (self.id_columns, *rules, *more) for name in columns)

    def fits(self, columns: Sequence[str]) -> bool:
        """Tell whether a file with these columns is of this kind."""
        return set(self.recognised_by) <= set(columns)


class MappingShelf:
    """The mappings there are."""

    def __init__(self, mappings: Sequence[Mapping]) -> None:
        self._mappings = mappings

    def all(self) -> Sequence[Mapping]:
        """Return every mapping, by name."""
        return self._mappings

    def choose(self, columns: Sequence[str], entity_type: str | None, name: str | None) -> Mapping:
        """Return the mapping for a file: the one named, or the one that fits its columns best.

        Raises NotFound for a name that does not exist; InvalidRequest if none fits or several fit alike.
        """
        if name is not None:
            return self._named(name, columns, entity_type)
        fitting = [each for each in self._mappings if each.fits(columns) and entity_type in (None, each.type)]
        if not fitting:
            names = ", ".join(columns)[:300]
            what = f"of type {entity_type}" if entity_type else "of a known kind"
            raise InvalidRequest(f"No mapping {what} fits the columns {names}", field="type")
        known = {each.name: len(each.known_columns & set(columns)) for each in fitting}
        best = [each for each in fitting if known[each.name] == max(known.values())]
        if len(best) > 1:
            types = ", ".join(sorted(each.type for each in best))
            raise InvalidRequest(f"The columns fit several mappings: say type, one of {types}", field="type")
        return best[0]

    def _named(self, name: str, columns: Sequence[str], entity_type: str | None) -> Mapping:
        found = next((each for each in self._mappings if each.name == name), None)
        if found is None:
            raise NotFound(f"Mapping {name} does not exist", field="mapping")
        if entity_type not in (None, found.type):
            raise InvalidRequest(f"Mapping {name} makes entities of type {found.type}", field="type")
        if not found.fits(columns):
            missing = ", ".join(sorted(set(found.recognised_by) - set(columns)))
            raise InvalidRequest(f"The file lacks columns of mapping {name}: {missing}", field="mapping")
        return found


def load_mappings() -> MappingShelf:
    """Read the mappings that come with ingest."""
    folder = files("services.ingest").joinpath("mappings")
    texts = sorted((each.name, each.read_text("utf-8")) for each in folder.iterdir() if each.name.endswith(".json"))
    return MappingShelf([Mapping.model_validate_json(text) for _, text in texts])
