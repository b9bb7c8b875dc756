"""What CKAN's clients call the things that data sets are selected, counted and sorted by."""

from collections.abc import Mapping
from types import MappingProxyType

from services.catalog.ckan.errors import SearchQueryError
from services.catalog.domain.query import AllOf, Condition, Exists, Field, Is, Moment, Not, Sort, SortKey, Words

_FIELDS: Mapping[str, Field] = MappingProxyType(
    {
        "id": Field.IDENTIFIER,
        "caddec_dataset_id_for_detail": Field.IDENTIFIER,
        "name": Field.NAME,
        "organization": Field.ORGANIZATION,
        "owner_org": Field.ORGANIZATION,
        "tags": Field.TAG,
        "groups": Field.THEME,
        "theme": Field.THEME,
        "license_id": Field.LICENCE,
        "res_format": Field.FORMAT,
        "kind": Field.KIND,
        "title": Field.TITLE,
        "notes": Field.NOTES,
        "ngsi_entity_type": Field.ENTITY_TYPE,
        "spatial_code": Field.SPATIAL,
        "unit": Field.UNIT,
        "series": Field.SERIES,
        "data_class": Field.DATA_CLASS,
    }
)
_SAME_FOR_ALL: Mapping[str, str] = MappingProxyType(
    {"state": "active", "dataset_type": "dataset", "type": "dataset", "entity_type": "package", "site_id": "default"}
)
_SEARCHED = frozenset({"title", "notes", "text"})
_EXTRA = "extras_"
_ACCESS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("private", "false"): "public",
        ("private", "true"): "restricted",
        ("capacity", "public"): "public",
        ("capacity", "private"): "restricted",
    }
)
_OTHERS = frozenset({"text", "private", "capacity", *_SAME_FOR_ALL})
FACETS: Mapping[str, Field] = MappingProxyType(
    {
        name: _FIELDS[name]
        for name in ("organization", "tags", "groups", "theme", "res_format", "license_id", "kind", "spatial_code")
    }
)
"""What can be counted by, under CKAN's names."""
_SORTS: Mapping[str, SortKey] = MappingProxyType({**{key.value: key for key in SortKey}, "title": SortKey.TITLE})


def is_field(name: str) -> bool:
    """Tell whether a name before a colon is a field's."""
    return name.removeprefix(_EXTRA) in _FIELDS or name in _OTHERS or is_moment(name)


def is_searched(name: str) -> bool:
    """Tell whether a field is words, of which any part is found."""
    return name in _SEARCHED


def is_moment(name: str) -> bool:
    """Tell whether a field is a time."""
    return name in {moment.value for moment in Moment}


def moment_of(name: str) -> Moment:
    """Return the time that a field is."""
    return Moment(name)


def condition_of(name: str, value: str | None, *, is_prefix: bool = False) -> Condition:
    """Return the condition that a field has a value, or begins with it; None: that it has any.

    Raises SearchQueryError.
    """
    if is_moment(name):
        raise SearchQueryError(f"field '{name}' needs a range: [… TO …]")
    if name == "text":
        return Words(value or "")
    if name in _SAME_FOR_ALL:
        return AllOf() if value in (None, _SAME_FOR_ALL[name]) else Not(AllOf())
    if name in ("private", "capacity"):
        return Is(Field.ACCESS, _ACCESS.get((name, value or ""), ""))
    field = _FIELDS[name.removeprefix(_EXTRA)]
    return Exists(field) if value is None else Is(field, value, is_prefix)


def parse_sort(text: str) -> tuple[Sort, ...]:
    """Read `key asc|desc, …` (CKAN: package_search, sort). Raises SearchQueryError."""
    keys = []
    for part in text.split(","):
        name, _, direction = part.strip().partition(" ")
        if name not in _SORTS or direction.strip().lower() not in ("", "asc", "desc"):
            raise SearchQueryError(f"sort '{part.strip()}' is unknown")
        keys.append(Sort(_SORTS[name], is_descending=direction.strip().lower() == "desc"))
    return tuple(keys)
