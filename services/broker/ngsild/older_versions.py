"""Entities as earlier versions of NGSI-LD know them, for clients that prefer one (`Prefer: ngsi-ld=1.5`, 4.3.6.8)."""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from services.broker.domain import attribute as kinds
from services.broker.domain.attribute import Attributes, Instance, default_instance
from services.broker.domain.entity import ROOT_PATH, Entity
from services.broker.domain.names import Context

Version: TypeAlias = tuple[int, int]
NATIVE: Final[Version] = (1, 9)
"""The version of everything that is answered."""
_PREFERENCE: Final = re.compile(
    r"(?:^|[,;])\s*ngsi-ld\s*=\s*\"?(\d{1,3})\.(\d{1,3})(?:\.\d{1,3})?\"?\s*(?=[,;]|$)", re.I
)
_INTRODUCED: Final[Mapping[str, tuple[Version, str]]] = {
    kinds.LANGUAGE_PROPERTY: ((1, 4), kinds.PROPERTY),
    kinds.JSON_PROPERTY: ((1, 8), kinds.PROPERTY),
    kinds.VOCAB_PROPERTY: ((1, 8), kinds.PROPERTY),
    kinds.LIST_PROPERTY: ((1, 8), kinds.PROPERTY),
    kinds.LIST_RELATIONSHIP: ((1, 8), kinds.RELATIONSHIP),
}
_MEMBERS: Final[Mapping[str, Version]] = {
    "datasetId": (1, 3),
    "observedAt": (1, 3),
    "unitCode": (1, 3),
    "objectType": (1, 8),
    "expiresAt": (1, 9),
    "valueType": (1, 9),
}


def preferred_version(header: str) -> Version | None:
    """Return the version that a Prefer header names, or None; later versions than ours count as ours (RFC 7240)."""
    found = _PREFERENCE.search(header)
    return None if found is None else min((int(found[1]), int(found[2])), NATIVE)


def as_of(entity: Entity, version: Version, context: Context) -> Entity:
    """Return an entity with what a version does not know reformatted or left out (tables 4.3.6.8-1 to -3)."""
    return entity.with_(
        types=entity.types if version >= (1, 3) else entity.types[:1],
        scopes=entity.scopes if version >= (1, 4) else None,
        path=entity.path if version >= (1, 4) else ROOT_PATH,
        expires_at=entity.expires_at if version >= NATIVE else None,
        attrs=_attributes(entity.attrs, version, context),
    )


def _attributes(attrs: Attributes, version: Version, context: Context) -> Attributes:
    if version < (1, 3):
        attrs = {name: [default_instance(instances)] for name, instances in attrs.items()}
    return {name: [_instance(each, version, context) for each in instances] for name, instances in attrs.items()}


def _instance(instance: Instance, version: Version, context: Context) -> Instance:
    known = {name: value for name, value in instance.items() if version >= _MEMBERS.get(name, version)}
    introduced, fallback = _INTRODUCED.get(instance["kind"], (version, instance["kind"]))
    if version < introduced:
        known["kind"] = fallback
        if instance["kind"] == kinds.VOCAB_PROPERTY:
            known["value"] = _compacted(instance["value"], context)
    if "subs" in known:
        known["subs"] = _attributes(known["subs"], version, context)
    return known


def _compacted(names: Any, context: Context) -> Any:
    return [context.compact(each) for each in names] if isinstance(names, list) else context.compact(names)
