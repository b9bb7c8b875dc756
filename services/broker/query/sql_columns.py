"""Columns of a table of entities as SQL over a row of the entity table: as texts, as JSON, as GeoJSON features."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.broker.domain.export_column import Column, Part
from services.broker.domain.view import View
from services.broker.query.sql_view import kept_back_sql, view_sql
from services.kernel.sql import Fragment, join, literal

_MOST_ARGUMENTS: Final = 40
_PLACES: Final = {Part.LATITUDE: "1", Part.LONGITUDE: "0"}


@dataclass(frozen=True, slots=True)
class RowWriter:
    """Writes rows of these columns as SQL, as far as a view shows their attributes."""

    columns: Sequence[Column]
    view: View | None = None

    def texts(self) -> Fragment:
        """Return one expression a column, separated by commas: what a cell of CSV holds."""
        return join(", ", [self._shown(each, _text(each)) for each in self.columns])

    def json(self) -> Fragment:
        """Return one expression: a JSON object with a member for each column."""
        return self._object(self.columns)

    def feature(self, geometry: str) -> Fragment:
        """Return one expression: a GeoJSON feature (RFC 7946, 3.2). `geometry` is the attribute it lies by."""
        shown = [each for each in self.columns if each.part is not Part.ID and not _is_place(each, geometry)]
        place = self._shown(Column("", Part.VALUE, geometry), literal("attrs -> $1::text -> 0 -> 'value'", geometry))
        head = literal("json_build_object('type', 'Feature', 'id', uri, 'geometry', ") + place
        return head + literal(", 'properties', ") + self._object(shown) + literal(")")

    def _object(self, columns: Sequence[Column]) -> Fragment:
        members = [literal("$1::text, ", each.name) + self._shown(each, _json(each)) for each in columns]
        if len(members) <= _MOST_ARGUMENTS:
            return literal("json_build_object(") + join(", ", members) + literal(")")
        portions = [members[start : start + _MOST_ARGUMENTS] for start in range(0, len(members), _MOST_ARGUMENTS)]
        objects = [literal("jsonb_build_object(") + join(", ", each) + literal(")") for each in portions]
        return literal("(") + join(" || ", objects) + literal(")")

    def _shown(self, column: Column, expression: Fragment) -> Fragment:
        if self.view is None or not column.attribute:
            return expression
        showing = [each for each in self.view.parts if not each.attributes or column.attribute in each.attributes]
        if not showing:
            return literal("null")
        conditions = [] if len(showing) == len(self.view.parts) else [view_sql(View(tuple(showing)))]
        kept_back = [each for each in self.view.withheld if column.attribute in each.attributes]
        conditions += [literal("not ") + kept_back_sql(each, self.view.receiver) for each in kept_back]
        if not conditions:
            return expression
        return literal("case when ") + join(" and ", conditions) + literal(" then ") + expression + literal(" end")


def _is_place(column: Column, geometry: str) -> bool:
    return column.attribute == geometry and column.part in (Part.LATITUDE, Part.LONGITUDE, Part.GEOMETRY)


def _text(column: Column) -> Fragment:
    match column.part:
        case Part.ID:
            return literal("uri")
        case Part.TYPE:
            return literal("$1::text", column.tag)
        case Part.VALUE:
            return literal("attrs -> $1::text -> 0 ->> 'value'", column.attribute)
        case Part.GEOMETRY:
            is_point = literal("case when attrs -> $1::text #>> '{0,value,type}' <> 'Point' then ", column.attribute)
            return is_point + literal("attrs -> $1::text -> 0 ->> 'value' end", column.attribute)
        case Part.OBSERVED_AT:
            return literal("attrs -> $1::text -> 0 ->> 'observedAt'", column.attribute)
        case Part.LANGUAGE:
            return literal("attrs -> $1::text #> '{0,value}' ->> $2::text", column.attribute, column.tag)
        case Part.LATITUDE | Part.LONGITUDE:
            return _coordinate(column) + literal(" end")


def _json(column: Column) -> Fragment:
    match column.part:
        case Part.VALUE:
            return literal("attrs -> $1::text -> 0 -> 'value'", column.attribute)
        case Part.LATITUDE | Part.LONGITUDE:
            return literal("(") + _coordinate(column) + literal(" end)::double precision")
        case _:
            return _text(column)


def _coordinate(column: Column) -> Fragment:
    is_point = literal("case when attrs -> $1::text #>> '{0,value,type}' = 'Point' then ", column.attribute)
    path = ["0", "value", "coordinates", _PLACES[column.part]]
    return is_point + literal("attrs -> $1::text #>> $2::text[]", column.attribute, path)
