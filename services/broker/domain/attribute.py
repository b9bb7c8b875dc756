"""An attribute as it is stored: the superset of what NGSI-LD (4.5) and NGSIv2 (JSON attribute representation) know.

An entity holds, for each expanded attribute name, a list of instances: at most one without `datasetId` (the default
instance) and one for each `datasetId`. An instance is a plain JSON object, so that it goes to and from PostgreSQL
without conversion. Its members:

| member | what it is |
|---|---|
| `kind` | one of `KINDS` |
| `value` | the value: JSON for a Property, GeoJSON geometry for a GeoProperty, URI or list of URIs for a Relationship, `{tag: text}` for a LanguageProperty, expanded IRI(s) for a VocabProperty, any JSON for a JsonProperty, list for a ListProperty or ListRelationship |
| `type` | the NGSIv2 attribute type, verbatim; absent when only NGSI-LD wrote it |
| `raw` | the NGSIv2 value, verbatim, where `value` is another form of it (`geo:point` and the like) |
| `literal` | the JSON-LD `@type` of a typed value: NGSI-LD wrote `{"@type": literal, "@value": value}` |
| `instant` | for a DateTime value: the same instant as `YYYY-MM-DDThh:mm:ss.sssZ`, to compare |
| `unitCode`, `observedAt`, `datasetId`, `objectType`, `valueType`, `expiresAt` | as in NGSI-LD (4.5.2) |
| `ngsildproof`, `entityIdSealed`, `entityTypeSealed` | as in NGSI-LD (4.5.2.2); the type expanded |
| `subs` | sub-attributes (NGSIv2: metadata): expanded name -> list of instances |
| `createdAt`, `modifiedAt` | instants of the write, `YYYY-MM-DDThh:mm:ss.sssZ` |
"""  # noqa: E501

from datetime import datetime
from typing import Any, Final, TypeAlias

Instance: TypeAlias = dict[str, Any]
Attributes: TypeAlias = dict[str, list[Instance]]

PROPERTY: Final = "Property"
RELATIONSHIP: Final = "Relationship"
GEO_PROPERTY: Final = "GeoProperty"
LANGUAGE_PROPERTY: Final = "LanguageProperty"
VOCAB_PROPERTY: Final = "VocabProperty"
JSON_PROPERTY: Final = "JsonProperty"
LIST_PROPERTY: Final = "ListProperty"
LIST_RELATIONSHIP: Final = "ListRelationship"
KINDS: Final = (
    PROPERTY,
    RELATIONSHIP,
    GEO_PROPERTY,
    LANGUAGE_PROPERTY,
    VOCAB_PROPERTY,
    JSON_PROPERTY,
    LIST_PROPERTY,
    LIST_RELATIONSHIP,
)
_ASIDE: Final = frozenset({"createdAt", "modifiedAt"})


def find_instance(instances: list[Instance], dataset_id: str | None) -> Instance | None:
    """Return the instance of a data set (None: the default instance), or None (4.5.5)."""
    for instance in instances:
        if instance.get("datasetId") == dataset_id:
            return instance
    return None


def is_one_for_one(there: list[Instance], incoming: list[Instance]) -> bool:
    """Tell whether one instance without `datasetId` takes the place of another: nearly all writes."""
    return len(there) == len(incoming) == 1 and "datasetId" not in there[0] and "datasetId" not in incoming[0]


def default_instance(instances: list[Instance]) -> Instance:
    """Return the default instance; where every instance has a `datasetId`, the first."""
    return find_instance(instances, None) or instances[0]


def is_expired(instance: Instance, now: datetime) -> bool:
    """Tell whether the time of a transient instance is over (4.22)."""
    return "expiresAt" in instance and datetime.fromisoformat(instance["expiresAt"]) <= now


def is_same(one: Instance, other: Instance) -> bool:
    """Tell whether two instances say the same, times of writing aside."""
    if one.keys() - _ASIDE != other.keys() - _ASIDE:
        return False
    return all(_is_same_member(name, one[name], other[name]) for name in one if name not in _ASIDE)


def _is_same_member(name: str, one: Any, other: Any) -> bool:
    if name != "subs":
        return is_same_json(one, other)
    return one.keys() == other.keys() and all(
        len(one[sub]) == len(other[sub]) and all(map(is_same, one[sub], other[sub])) for sub in one
    )


def is_same_json(one: Any, other: Any) -> bool:
    """Compare JSON values as JSON does: `true` is not `1`."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same_json(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same_json, one, other))
    return bool(one == other)


def stamp(instance: Instance, now: str, created_at: str | None = None) -> Instance:
    """Return the instance with its times of writing; sub-attributes are stamped alike."""
    stamped = {**instance, "createdAt": created_at or now, "modifiedAt": now}
    subs = instance.get("subs")
    if subs:
        stamped["subs"] = {name: [stamp(each, now, each.get("createdAt")) for each in subs[name]] for name in subs}
    return stamped
