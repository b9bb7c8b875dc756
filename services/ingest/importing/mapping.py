"""How the columns of a kind of file become attributes: data, in `services/ingest/mappings` or of a tenant."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.ingest.importing.header import column_name

Kind = Literal[
    "text", "number", "flag", "grade", "telephone", "url", "date", "date-time", "time", "list", "municipality-code"
]
_RESERVED = frozenset({"id", "type", "scope", "@context", "location", "address", "openingHours"})
_FORBIDDEN = re.compile(r"[\s<>\"'=;(){}\[\],|\\^`\x00-\x1f]")
_LONGEST_NAME = 200
_MOST_COLUMNS = 2000
_MOST_NAMES = 60


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _term(name: str) -> str:
    if not name or len(name) > _LONGEST_NAME or _FORBIDDEN.search(name) or name.startswith("@"):
        raise ValueError(f"{name!r:.60} cannot be a name: 1 to {_LONGEST_NAME} signs, none of spaces <>\"'=;(){{}}[],|")
    return name


def _type(name: str) -> str:
    if name[:1].isdigit():
        raise ValueError(f"{name!r:.60} cannot be a type: NGSI-LD allows no digit first")
    return name


def _spelt(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column_name(name) for name in names))


Term = Annotated[str, AfterValidator(_term)]
Columns = Annotated[tuple[str, ...], Field(max_length=_MOST_NAMES), AfterValidator(_spelt)]
SomeColumns = Annotated[tuple[str, ...], Field(min_length=1, max_length=_MOST_NAMES), AfterValidator(_spelt)]


class ColumnRule(_Data):
    """One attribute: of the columns named, the first that the file has and that is filled."""

    name: Term = Field(description="Name of the attribute", examples=["capacity"])
    columns: SomeColumns = Field(description="Headers that the column has in one file or another")
    kind: Kind = Field("text", description="How a cell is read")
    unit_code: str | None = Field(None, max_length=10, description="UN/CEFACT code of a number's unit")
    is_required: bool = Field(False, description="Whether a row without a value is refused")
    values: dict[str, str | int | float | bool] = Field(
        default_factory=dict, max_length=500, description="What a cell's text stands for, where it is one of a list"
    )
    written: dict[str, str] = Field(
        default_factory=dict, max_length=500, description="How an export writes a value, as `true` or `available`"
    )


class PositionRule(_Data):
    """Where the coordinates stand."""

    latitude: Columns = ("緯度", "latitude")
    longitude: Columns = ("経度", "longitude")
    both: Columns = Field(("geometry",), description="Columns that hold latitude and longitude in one cell, or GeoJSON")
    datum: Literal["world", "tokyo"] = "world"
    datum_column: Columns = Field(
        ("測地系", "座標系", "測地系コード"),
        description="Columns that name the datum; 日本測地系 and Tokyo are converted",
    )

    def missing(self, columns: Iterable[str]) -> Sequence[str]:
        """Return which coordinates a file with these columns lacks: `latitude`, `longitude`."""
        given = set(columns)
        if given & set(self.both):
            return ()
        places = {"latitude": self.latitude, "longitude": self.longitude}
        return [place for place, names in places.items() if not given & set(names)]


class AddressRule(_Data):
    """Where the parts of the postal address stand."""

    street: Columns = ("address", "住所", "所在地_連結表記")
    region: Columns = ()
    locality: Columns = ()
    parts: Columns = Field((), description="Columns that are the street address together, where `street` is empty")
    district: Columns = Field((), description="Columns with the part of the town, which `street` may repeat")
    number: Columns = Field((), description="Columns with block and house number, which `street` may repeat")
    postal_code: Columns = ()


class HoursRule(_Data):
    """Where days and times of opening stand."""

    days: Columns = ("利用可能曜日", "availableDate")
    opens: Columns = ("開始時間", "startTime")
    closes: Columns = ("終了時間", "endTime")


class Mapping(_Data):
    """A kind of file, recognised by its columns, and the entities that its rows are."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$", examples=["reservoir-list"])
    title: str = Field("", max_length=300)
    type: Annotated[Term, AfterValidator(_type)] = Field(description="Type of the entities", examples=["Reservoir"])
    recognised_by: tuple[str | tuple[str, ...], ...] = Field(
        min_length=1, max_length=100, description="Columns that every such file has; of a list, one of them"
    )
    file_names: tuple[str, ...] = Field(
        (), max_length=_MOST_NAMES, description="Words in a file's name that decide where several mappings fit"
    )
    needs_name: bool = Field(False, description="Whether a file is of this kind only if its name says so too")
    id_columns: Columns = Field(("#property",), description="Columns with the row's number or local id")
    id_parts: Columns = Field((), description="Columns that name a row together with its number")
    name_columns: Columns = Field(
        ("name", "名称", "施設名", "施設名称", "イベント名", "介護サービス事業所名称", "reservoirName"),
        description="Columns that, with the address, name a row that has no number",
    )
    placeholders: tuple[str, ...] = Field((), max_length=100, description="Names that stand for a row nobody filled in")
    position: PositionRule | None = PositionRule()
    address: AddressRule | None = AddressRule()
    hours: HoursRule | None = None
    attributes: tuple[ColumnRule, ...] = Field(max_length=_MOST_COLUMNS)
    layout: tuple[str, ...] = Field(
        (), max_length=_MOST_COLUMNS, description="Headers, in order, of the file that an export writes"
    )

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> "Mapping":
        names = [rule.name for rule in self.attributes]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"attributes: {', '.join(twice)} twice")
        reserved = sorted(_RESERVED & set(names))
        if reserved:
            raise ValueError(f"attributes: {', '.join(reserved)} is made by other members")
        if not self.layout:
            return self
        spelt = [column_name(name) for name in self.layout]
        if len(set(spelt)) != len(spelt):
            raise ValueError("layout: a header stands twice")
        return self

    def with_changes(self, **changes: Any) -> "Mapping":
        """Return the mapping with other members, which are not validated again."""
        changed = self.model_copy(update=changes)
        for cached in ("known_columns", "place_columns"):  # a copy has what was cached of the original
            changed.__dict__.pop(cached, None)
        return changed

    @cached_property
    def known_columns(self) -> frozenset[str]:
        """Every column that the mapping reads."""
        parts = self.address.parts if self.address else ()
        return frozenset(name for columns in (*self.alternatives, parts) for name in columns)

    @property
    def alternatives(self) -> Sequence[tuple[str, ...]]:
        """The columns of each thing that the mapping reads, of which the first that is filled counts."""
        return [self.id_columns, *(rule.columns for rule in self.attributes), *self._places()]

    @cached_property
    def place_columns(self) -> frozenset[str]:
        """The columns that say where a row's thing is: its address and its position."""
        address = [self.address.street, self.address.parts] if self.address else []
        position = [self.position.latitude, self.position.longitude, self.position.both] if self.position else []
        return frozenset(name for columns in (*address, *position) for name in columns)

    def fits(self, columns: Iterable[str]) -> bool:
        """Tell whether a file with these columns is of this kind."""
        return not self.missing(columns)

    def missing(self, columns: Iterable[str]) -> Sequence[str]:
        """Return what the mapping is recognised by and the columns lack."""
        given = set(columns)
        wanted = [(each,) if isinstance(each, str) else each for each in self.recognised_by]
        return [" or ".join(each) for each in wanted if not given & {column_name(name) for name in each}]

    def is_named_by(self, file_name: str) -> bool:
        """Tell whether a file's name says that it is of this kind."""
        folded = file_name.lower()
        return any(word.lower() in folded for word in self.file_names)

    def _places(self) -> Iterator[tuple[str, ...]]:
        for place in (self.position, self.address, self.hours):
            for part, columns in place.model_dump().items() if place else ():
                if isinstance(columns, tuple) and part != "parts":
                    yield columns


def dumped(mapping: Mapping) -> dict[str, Any]:
    """Write a mapping as a document, without what is as it would be anyway."""
    return mapping.model_dump(mode="json", exclude_defaults=True)
