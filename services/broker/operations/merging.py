"""Merging an attribute instance into the one that is there: the pure steps of merge patch and partial update.

Incoming instances may have two members that are never stored: `deleted` (NGSI-LD Null stands for the instance) and
`implied` (the kind was guessed from a plain value).
"""

from typing import Any, Final

from services.broker.domain.attribute import LANGUAGE_PROPERTY, PROPERTY, RELATIONSHIP, Instance, find_instance
from services.broker.domain.entity import is_uri
from services.kernel.errors import BadData

NULL: Final = "urn:ngsi-ld:null"
_MARKS: Final = frozenset({"deleted", "implied"})
_PLAIN: Final = frozenset({"kind", "value"})
_FORMS: Final = ("raw", "literal", "instant")


def settled(there: Instance | None, incoming: Instance) -> Instance:
    """Return an incoming instance as it is stored whole: without marks and nulls, a guessed kind made to fit.

    Raises BadData where it has no value.
    """
    if incoming.keys() == _PLAIN and not isinstance(incoming["value"], dict):
        return incoming
    instance = {name: value for name, value in incoming.items() if name not in _MARKS and value != NULL}
    if "implied" in incoming and there is not None:
        instance["kind"] = _fitting_kind(there, incoming)
        if incoming["kind"] == LANGUAGE_PROPERTY != instance["kind"]:
            instance["value"] = next(iter(incoming["value"].values()))
    subs = instance.get("subs")
    if subs:
        instance["subs"] = {
            name: kept
            for name, instances in subs.items()
            if (kept := [settled(None, each) for each in instances if "deleted" not in each])
        }
        if not instance["subs"]:
            del instance["subs"]
    if "value" not in instance or "kind" not in instance:
        raise BadData("An attribute that is new, or that becomes one of another type, must have a value", field="value")
    instance["value"] = without_nulls(instance["value"])
    return instance


def is_void(instance: Instance) -> bool:
    """Tell whether an instance says nothing any more: a LanguageProperty without languages."""
    return instance["kind"] == LANGUAGE_PROPERTY and not instance["value"]


def _fitting_kind(there: Instance, incoming: Instance) -> str:
    value = incoming.get("value")
    if there["kind"] == RELATIONSHIP and isinstance(value, str) and is_uri(value):
        return RELATIONSHIP
    if incoming["kind"] == LANGUAGE_PROPERTY and there["kind"] != LANGUAGE_PROPERTY:
        return PROPERTY
    return str(incoming["kind"])


def merged(there: Instance, incoming: Instance, *, deep: bool) -> Instance:
    """Return the instance with the incoming members over it; NGSI-LD Null removes a member (5.5.12, 5.6.4).

    `deep` merges objects inside the value too, and sub-attributes member by member.
    """
    if "kind" in incoming and incoming["kind"] != there["kind"]:
        fitted = settled(there, incoming)
        if fitted["kind"] != there["kind"]:
            return fitted
        incoming = {**incoming, "kind": fitted["kind"], "value": fitted.get("value")}
    dropped = _FORMS if "value" in incoming else ()
    result = {name: value for name, value in there.items() if name not in dropped}
    for name, value in incoming.items():
        if name in _MARKS:
            continue
        if value == NULL and name != "value":
            result.pop(name, None)
        elif name == "subs":
            result["subs"] = _merged_subs(there.get("subs", {}), value, deep=deep)
        elif name == "value" and deep:
            result["value"] = merged_json(there.get("value"), value)
        else:
            result[name] = value
    if not result.get("subs", True):
        del result["subs"]
    return result


def _merged_subs(
    there: dict[str, list[Instance]], incoming: dict[str, list[Instance]], *, deep: bool
) -> dict[str, list[Instance]]:
    result = dict(there)
    for name, instances in incoming.items():
        result[name] = merged_instances(result.get(name, []), instances, deep=deep)
        if not result[name]:
            del result[name]
    return result


def merged_instances(there: list[Instance], incoming: list[Instance], *, deep: bool) -> list[Instance]:
    """Return instances with the incoming ones merged, added or, where marked so, deleted."""
    result = list(there)
    for instance in incoming:
        existing = find_instance(result, instance.get("datasetId"))
        if "deleted" in instance:
            result = [each for each in result if each is not existing]
        elif existing is None:
            result.append(settled(None, {"kind": PROPERTY, **instance}))
        else:
            new = merged(existing, instance, deep=deep) if deep else settled(existing, {"kind": PROPERTY, **instance})
            result[result.index(existing)] = new
    return result


def merged_json(there: Any, incoming: Any) -> Any:
    """Merge a JSON value as RFC 7396 does, with NGSI-LD Null in the place of null."""
    if not isinstance(incoming, dict) or not isinstance(there, dict):
        return without_nulls(incoming)
    result = dict(there)
    for key, value in incoming.items():
        if value == NULL:
            result.pop(key, None)
        else:
            result[key] = merged_json(result.get(key), value)
    return result


def without_nulls(value: Any) -> Any:
    """Return a JSON value without the members that NGSI-LD Null stands for."""
    if not isinstance(value, dict):
        return value
    return {key: without_nulls(each) for key, each in value.items() if each != NULL}
