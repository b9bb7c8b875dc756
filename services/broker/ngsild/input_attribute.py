"""Attributes as users send them, normalized, concise or simplified, into stored instances (4.5.2-4.5.4, 4.5.18-24)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.broker.domain import attribute as kinds
from services.broker.domain.attribute import Instance
from services.broker.domain.names import LOCATION, NGSI_LD, OBSERVATION_SPACE, OPERATION_SPACE, Context
from services.broker.ngsild.input_values import (
    GEOMETRIES,
    check_date_time,
    check_name,
    read_date_time,
    read_geometry,
    read_language_map,
    read_text,
    read_uri,
)
from services.broker.operations.merging import NULL
from services.kernel.clock import to_iso_millis
from services.kernel.errors import BadData
from services.kernel.values import frozen

VALUE_MEMBERS: Final = {
    kinds.PROPERTY: "value",
    kinds.RELATIONSHIP: "object",
    kinds.GEO_PROPERTY: "value",
    kinds.LANGUAGE_PROPERTY: "languageMap",
    kinds.VOCAB_PROPERTY: "vocab",
    kinds.JSON_PROPERTY: "json",
    kinds.LIST_PROPERTY: "valueList",
    kinds.LIST_RELATIONSHIP: "objectList",
}
"""The member that holds the value, by kind."""
_KIND_OF: Final = {member: kind for kind, member in VALUE_MEMBERS.items() if kind != kinds.GEO_PROPERTY}
_NOT_SENT: Final = frozenset({"createdAt", "modifiedAt", "deletedAt", "instanceId", "@context", "lang"})
_ONLY_SHOWN: Final = frozenset(
    {
        *("previousValue", "previousObject", "previousLanguageMap", "previousVocab", "previousJson"),
        *("previousValueList", "previousObjectList", "entityIdSealed", "entityTypeSealed"),
    }
)
PROOF: Final = NGSI_LD + "ngsildproof"
SEALED: Final = ("entityIdSealed", "entityTypeSealed")
_PLAIN: Final = (int, float, str)
_WITH_UNIT: Final = frozenset({None, kinds.PROPERTY, kinds.LIST_PROPERTY})
_GEO_NAMES: Final = frozenset({LOCATION, OBSERVATION_SPACE, OPERATION_SPACE})


@frozen
class Reading:
    """How attributes are read: in which context, and whether they change what exists.

    `patches`: NGSI-LD Null deletes, and a kind or value may be left out. `merges`: an object that says no kind has
    members of the attribute that is there. `language`: plain texts are in this language.
    """

    context: Context
    patches: bool = False
    merges: bool = False
    language: str | None = None


def read_attribute(raw: Any, where: str, reading: Reading) -> list[Instance]:
    """Return the instances of one attribute, at most one for each `datasetId` (4.5.5). Raises BadData."""
    if isinstance(raw, dict):
        plain = _read_plainest(raw, where)
        return [plain if plain is not None else read_instance(raw, where, reading)]
    if not isinstance(raw, list) or not raw or not all(_is_instance(each) for each in raw):
        return [read_instance(raw, where, reading)]
    instances = [read_instance(each, where, reading) for each in raw]
    if len({each.get("datasetId") for each in instances}) < len(instances):
        raise BadData(f"{where} has two instances with the same datasetId", field=where)
    return instances


def _read_plainest(raw: Mapping[str, Any], where: str) -> Instance | None:
    """Return a Property that is a number or a text, perhaps with its time, as nearly all are; else None.

    Raises BadData.
    """
    size = len(raw)
    is_timed = size == 3 and "observedAt" in raw
    if raw.get("type") != kinds.PROPERTY or not (size == 2 or is_timed):
        return None
    value = raw.get("value")
    if not isinstance(value, _PLAIN) or value == NULL:
        return None
    instance: Instance = {"kind": kinds.PROPERTY, "value": value}
    if is_timed:
        if raw["observedAt"] == NULL:
            return None
        instance["observedAt"] = check_date_time(raw["observedAt"], f"{where}.observedAt")
    return instance


def read_proof(raw: Any, reading: Reading) -> list[Instance]:
    """Return the proof of an entity: a Property whose value is a W3C proof, with what is sealed (4.5.2.2).

    Raises BadData.
    """
    if not isinstance(raw, dict):
        return read_attribute(raw, "ngsildproof", reading)
    sealed = {name: raw[name] for name in SEALED if name in raw}
    for name, value in sealed.items():
        read_text(value, f"ngsildproof.{name}")
    instance = read_instance({name: value for name, value in raw.items() if name not in sealed}, "ngsildproof", reading)
    if "value" in instance and not isinstance(instance["value"], dict):
        raise BadData("ngsildproof.value must be an object", field="ngsildproof.value")
    if "entityTypeSealed" in sealed:
        sealed["entityTypeSealed"] = reading.context.expand(sealed["entityTypeSealed"])
    return [{**instance, **sealed}]


def is_core_member(name: str) -> bool:
    """Tell whether a member of an attribute is NGSI-LD's own, not a sub-attribute."""
    return name == "type" or name in _KIND_OF or name in _META or name in _NOT_SENT or name in _ONLY_SHOWN


def check_geo(name: str, instances: list[Instance], where: str) -> None:
    """Refuse another kind than GeoProperty for the geometries of the core context (4.7.1). Raises BadData."""
    if name in _GEO_NAMES and any(each.get("kind") not in (None, kinds.GEO_PROPERTY) for each in instances):
        if all("deleted" in each for each in instances):
            return
        raise BadData(f"{where} must be a GeoProperty", field=where)


def _is_instance(raw: Any) -> bool:
    return isinstance(raw, dict) and (_kind_named(raw) in VALUE_MEMBERS or not _KIND_OF.keys().isdisjoint(raw))


def _kind_named(raw: Mapping[str, Any]) -> str | None:
    """Return the `type` of a JSON object, empty where it is no text."""
    kind = raw.get("type")
    return kind if kind is None or isinstance(kind, str) else ""


def read_instance(raw: Any, where: str, reading: Reading) -> Instance:
    """Return one instance.

    It has the extra member `deleted` where NGSI-LD Null stands for it, and `implied` where the kind was guessed from
    a plain value; the mutations consume both. Raises BadData.
    """
    if not isinstance(raw, dict):
        return _read_plain(raw, where, reading)
    if "@context" in raw:
        raise BadData(f"{where} must not have an @context of its own", field=f"{where}.@context")
    kind = _kind_named(raw)
    if kind in VALUE_MEMBERS:
        return _read_members(str(kind), raw, where, reading)
    if kind in GEOMETRIES and "coordinates" in raw:
        return _marked({"kind": kinds.GEO_PROPERTY, "value": read_geometry(raw, where)}, reading)
    found = [member for member in _KIND_OF if member in raw]
    if kind is None and len(found) == 1:
        return _read_members(_concise_kind(found[0], raw), raw, where, reading)
    if found:
        raise BadData(f"{where}.type must be one of {', '.join(VALUE_MEMBERS)}", field=f"{where}.type")
    if kind is None and raw and "@value" not in raw and (reading.merges or _says_only_meta(raw, reading)):
        return _read_members(None, raw, where, reading)
    return _read_plain(raw, where, reading)


def _says_only_meta(raw: Mapping[str, Any], reading: Reading) -> bool:
    return reading.patches and raw.keys() <= _META.keys()


def _concise_kind(member: str, raw: Mapping[str, Any]) -> str:
    value = raw[member]
    if member == "value" and isinstance(value, dict) and _kind_named(value) in GEOMETRIES and len(value) > 1:
        return kinds.GEO_PROPERTY
    return _KIND_OF[member]


def _read_plain(value: Any, where: str, reading: Reading) -> Instance:
    if value == NULL and reading.patches:
        return {"kind": kinds.PROPERTY, "deleted": True}
    if reading.language and isinstance(value, str):
        return _marked({"kind": kinds.LANGUAGE_PROPERTY, "value": {reading.language: value}}, reading)
    instance: Instance = {"kind": kinds.PROPERTY}
    _put_value(instance, value, where, reading)
    return _marked(instance, reading)


def _marked(instance: Instance, reading: Reading) -> Instance:
    if reading.patches:
        instance["implied"] = True
    return instance


def read_partial(raw: Any, where: str, reading: Reading) -> Instance:
    """Return a fragment of an instance; its kind and value may be missing (5.6.4). Raises BadData."""
    if not isinstance(raw, dict):
        return read_instance(raw, where, reading)
    kind = _kind_named(raw)
    if kind is None:
        found = [member for member in _KIND_OF if member in raw]
        kind = _concise_kind(found[0], raw) if found else None
        if kind is None and "coordinates" in raw:
            return read_instance(raw, where, reading)
    elif kind in GEOMETRIES:
        return read_instance(raw, where, reading)
    elif kind not in VALUE_MEMBERS:
        raise BadData(f"{where}.type must be one of {', '.join(VALUE_MEMBERS)}", field=f"{where}.type")
    return _read_members(kind, raw, where, reading)


def _read_members(kind: str | None, raw: Mapping[str, Any], where: str, reading: Reading) -> Instance:
    instance: Instance = {}
    if kind is not None:
        instance["kind"] = kind
        _read_value(instance, kind, raw, where, reading)
    own = VALUE_MEMBERS[kind] if kind is not None else None
    for member, value in raw.items():
        if member in (own, "type") or member in _NOT_SENT:
            continue
        reader = _META.get(member)
        if reader is not None:
            if value == NULL and reading.patches and member != "datasetId":
                instance[member] = NULL
            else:
                instance[member] = reader(value, f"{where}.{member}", reading.context)
        elif member in _KIND_OF or member in _ONLY_SHOWN:
            raise BadData(f"{where} must not have {member}: it is a {kind}", field=f"{where}.{member}")
        else:
            _read_sub(instance, member, value, where, reading)
    if "unitCode" in instance and kind not in _WITH_UNIT:
        raise BadData(f"{where} must not have unitCode: it is a {kind}", field=f"{where}.unitCode")
    if kind == kinds.LANGUAGE_PROPERTY and instance.get("valueType", "langString") != "langString":
        raise BadData(f"{where}.valueType must be langString", field=f"{where}.valueType")
    if instance.get("datasetId") == "@none":
        del instance["datasetId"]
    return instance


def _read_sub(instance: Instance, name: str, value: Any, where: str, reading: Reading) -> None:
    place = f"{where}.{name}"
    check_name(name, place)
    subs = instance.setdefault("subs", {})
    expanded = reading.context.expand(name)
    if expanded in subs:
        raise BadData(f"{place} is given twice", field=place)
    subs[expanded] = read_attribute(value, place, reading)


def _read_value(instance: Instance, kind: str, raw: Mapping[str, Any], where: str, reading: Reading) -> None:
    member = VALUE_MEMBERS[kind]
    place = f"{where}.{member}"
    if member not in raw:
        if not reading.patches:
            raise BadData(f"{where} must have {member}: it is a {kind}", field=place)
        return
    value = raw[member]
    if reading.patches and _is_null(kind, value):
        instance["deleted"] = True
        return
    _VALUES[kind](instance, value, place, reading)


def _is_null(kind: str, value: Any) -> bool:
    if kind == kinds.LANGUAGE_PROPERTY:
        return bool(value in (NULL, {"@none": NULL}))
    if kind in (kinds.LIST_PROPERTY, kinds.LIST_RELATIONSHIP):
        return bool(value in (NULL, [NULL], [{"object": NULL}]))
    return bool(value == NULL)


def _read_property(instance: Instance, value: Any, where: str, reading: Reading) -> None:
    _put_value(instance, value, where, reading)


def _put_value(instance: Instance, value: Any, where: str, reading: Reading) -> None:
    if value is None or value == NULL or (not reading.merges and _has_null(value)):
        raise BadData(f"{where} must not be null", field=where)
    if isinstance(value, dict) and "@value" in value and value.keys() <= {"@type", "@value"}:
        literal = value.get("@type")
        if literal is not None:
            instance["literal"] = read_text(literal, f"{where}.@type")
        value = value["@value"]
        if not isinstance(value, str | int | float | bool):
            raise BadData(f"{where}.@value must be a text, a number or a boolean", field=where)
        if literal == "DateTime":
            instance["instant"] = to_iso_millis(read_date_time(value, f"{where}.@value"))
    instance["value"] = value


def _read_relationship(instance: Instance, value: Any, where: str, reading: Reading) -> None:
    if isinstance(value, list):
        if not value:
            raise BadData(f"{where} must not be empty", field=where)
        instance["value"] = [_read_object(each, where) for each in value]
    else:
        instance["value"] = _read_object(value, where)


def _read_object(value: Any, where: str) -> str:
    if value == NULL:
        raise BadData(f"{where} must not be NGSI-LD Null", field=where)
    return read_uri(value, where)


def _read_geo(instance: Instance, value: Any, where: str, reading: Reading) -> None:
    instance["value"] = read_geometry(value, where)


def _read_language(instance: Instance, value: Any, where: str, reading: Reading) -> None:
    instance["value"] = read_language_map(value, where, nulls=reading.merges)


def _read_vocab(instance: Instance, value: Any, where: str, reading: Reading) -> None:
    if isinstance(value, list) and value:
        instance["value"] = [reading.context.expand(read_text(each, where)) for each in value]
    else:
        instance["value"] = reading.context.expand(read_text(value, where))


def _read_json(instance: Instance, value: Any, where: str, reading: Reading) -> None:
    if not isinstance(value, dict | list):
        raise BadData(f"{where} must be an object or an array", field=where)
    instance["value"] = value


def _read_list(instance: Instance, value: Any, where: str, reading: Reading) -> None:
    if not isinstance(value, list):
        raise BadData(f"{where} must be an array", field=where)
    instance["value"] = value


def _read_relationship_list(instance: Instance, value: Any, where: str, reading: Reading) -> None:
    if not isinstance(value, list):
        raise BadData(f"{where} must be an array", field=where)
    objects = [each.get("object") if isinstance(each, dict) else each for each in value]
    instance["value"] = [read_uri(each, where) for each in objects]


def _read_data_set(value: Any, where: str) -> str:
    if value == NULL:
        raise BadData(f"{where} cannot be deleted", field=where)
    return "@none" if value == "@none" else read_uri(value, where)


def _read_proof(value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise BadData(f"{where} must be an object", field=where)
    return value


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_null, value.values()))
    if isinstance(value, list):
        return any(map(_has_null, value))
    return value is None or value == NULL


def _read_types(value: Any, where: str, context: Context) -> Any:
    if isinstance(value, list) and value:
        return [context.expand(read_text(each, where)) for each in value]
    return context.expand(read_text(value, where))


_VALUES: Final[Mapping[str, Callable[[Instance, Any, str, Reading], None]]] = {
    kinds.PROPERTY: _read_property,
    kinds.RELATIONSHIP: _read_relationship,
    kinds.GEO_PROPERTY: _read_geo,
    kinds.LANGUAGE_PROPERTY: _read_language,
    kinds.VOCAB_PROPERTY: _read_vocab,
    kinds.JSON_PROPERTY: _read_json,
    kinds.LIST_PROPERTY: _read_list,
    kinds.LIST_RELATIONSHIP: _read_relationship_list,
}
_META: Final[Mapping[str, Callable[[Any, str, Context], Any]]] = {
    "observedAt": lambda value, where, _: check_date_time(value, where),
    "expiresAt": lambda value, where, _: check_date_time(value, where),
    "unitCode": lambda value, where, _: read_text(value, where),
    "datasetId": lambda value, where, _: _read_data_set(value, where),
    "valueType": lambda value, where, _: read_text(value, where),
    "objectType": _read_types,
    "ngsildproof": lambda value, where, _: _read_proof(value, where),
}
