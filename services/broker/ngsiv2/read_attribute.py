"""An attribute of a request into the instance that is stored (Orion API, JSON Attribute Representation)."""

from typing import Any

from services.broker.domain.attribute import Attributes, Instance
from services.broker.domain.v2_value import DATE_TYPES, KIND_TYPES, default_type, is_operator, read_date, typed_members
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.syntax import check_attribute_name, check_identifier, check_value, tidy_value
from services.broker.operations.v2_updates import Expiry
from services.kernel.errors import BadData

EXPIRY_NAME = "dateExpires"
_ATTRIBUTE_MEMBERS = frozenset({"value", "type", "metadata"})
_METADATA_MEMBERS = frozenset({"value", "type"})
_UNRESTRICTED = "TextUnrestricted"


def read_attribute(document: Any, names: Names) -> Instance:
    """Read a normalized attribute. Raises BadData."""
    if not isinstance(document, dict):
        raise BadData("An attribute must be a JSON object, unless keyValues is used", field="attribute")
    if not document.keys() <= _ATTRIBUTE_MEMBERS:
        raise BadData("An attribute has no members but value, type and metadata", field="attribute")
    if "metadata" not in document and document.get("type") != _UNRESTRICTED:
        return _read_bare(document)
    metadata = document.get("metadata", {})
    if not isinstance(metadata, dict):
        raise BadData("metadata must be a JSON object", field="metadata")
    value = document.get("value")
    type_name = document.get("type")
    if type_name is not None or "type" in document:
        check_identifier(type_name, "attribute type")
    free = type_name == _UNRESTRICTED or _is_true(metadata.get(_UNRESTRICTED))
    stored = tidy_value(value) if free else check_value(value, "attribute value")
    instance = _members(type_name, stored, ignore_type=_is_true(metadata.get("ignoreType")))
    if metadata:
        _add_metadata(instance, metadata, names)
    return instance


def _read_bare(document: dict[str, Any]) -> Instance:
    """Read a value with its type alone, as nearly all attributes are."""
    type_name = check_identifier(document["type"], "attribute type") if "type" in document else None
    return _members(type_name, check_value(document.get("value"), "attribute value"), ignore_type=False)


def read_value(value: Any) -> Instance:
    """Read an attribute of the keyValues representation. Raises BadData."""
    stored = check_value(value, "attribute value")
    return _members(None, stored, ignore_type=False)


def _members(type_name: str | None, value: Any, *, ignore_type: bool) -> Instance:
    if type_name is None and is_operator(value):
        return {"kind": "Property", "value": value}
    return typed_members(type_name or default_type(value), value, ignore_type=ignore_type)


def _is_true(metadata: Any) -> bool:
    return isinstance(metadata, dict) and metadata.get("value") is True


def _add_metadata(instance: Instance, metadata: dict[str, Any], names: Names) -> None:
    subs: Attributes = {}
    for name, document in metadata.items():
        check_identifier(name, "metadata name")
        if name == "*":
            raise BadData("'*' must not be a metadata name", field="metadata name")
        read = _read_metadata(document)
        if not _take_as_member(instance, name, read):
            subs[names.expand(name)] = [read]
    if subs:
        instance["subs"] = subs


def _read_metadata(document: Any) -> Instance:
    if not isinstance(document, dict) or not document.keys() <= _METADATA_MEMBERS:
        raise BadData("A metadata must be a JSON object of value and type", field="metadata")
    value = check_value(document.get("value"), "metadata value")
    type_name = document.get("type")
    if type_name is not None or "type" in document:
        check_identifier(type_name, "metadata type")
    type_name = type_name or default_type(value)
    has_form = type_name in DATE_TYPES or type_name in KIND_TYPES
    return typed_members(type_name, value) if has_form else {"kind": "Property", "type": type_name, "value": value}


def _take_as_member(instance: Instance, name: str, read: Instance) -> bool:
    """Store `unitCode` and `observedAt` where NGSI-LD has them; another type than theirs is kept beside."""
    value = read["value"]
    if not isinstance(value, str):
        return False
    if name == "unitCode":
        usual = "Text"
    elif name == "observedAt" and "instant" in read:
        usual = "DateTime"
    else:
        return False
    instance[name] = value
    if read["type"] != usual:
        instance["memberTypes"] = {**instance.get("memberTypes", {}), name: read["type"]}
    return True


def read_attributes(document: dict[str, Any], names: Names, *, key_values: bool) -> tuple[Attributes, Expiry | None]:
    """Read the attributes of an entity, `id` and `type` left aside, and its `dateExpires`. Raises BadData."""
    attributes: Attributes = {}
    expiry = None
    for name, each in document.items():
        if name in ("id", "type"):
            continue
        check_attribute_name(name)
        instance = read_value(each) if key_values else read_attribute(each, names)
        if name == EXPIRY_NAME:
            expiry = read_expiry(instance)
        else:
            attributes[names.expand(name)] = [instance]
    return attributes, expiry


def read_expiry(instance: Instance) -> Expiry:
    """Read `dateExpires`; null takes the expiry away. Raises BadData."""
    value = instance["value"]
    return Expiry(None if value is None else read_date(value))
