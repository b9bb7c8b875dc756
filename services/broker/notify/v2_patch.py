"""The `ngsi` patch of NGSIv2 httpCustom: attributes put over the notified entity before attributes are chosen."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from services.broker.domain.notice import Notice
from services.broker.domain.v2_value import default_type, shown_only
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.read_custom import LAST_PRIORITY
from services.broker.notify.v2_macros import Macros
from services.kernel.jexl.values import as_text


def patched(notice: Notice, patch: Mapping[str, Any], macros: Macros, names: Names) -> Notice:
    """Return the notice with its entity patched.

    Attributes are evaluated in the order of their `evalPriority`, and later ones see what earlier ones are; id and type
    come last and are text.
    """
    entity = notice.entities[0]
    attrs = dict(entity.attrs)
    for name in sorted(patch.keys() - {"id", "type"}, key=lambda each: (_priority(patch[each]), each)):
        value = macros.json(patch[name].get("value"))
        type_name = patch[name].get("type") or default_type(value)
        attrs[names.expand(name)] = [shown_only(type_name, value)]
        macros.put(name, value)
    identifier = as_text(macros.json(patch["id"])) if "id" in patch else entity.id
    types = (names.expand_type(as_text(macros.json(patch["type"]))),) if "type" in patch else entity.types
    return dataclasses.replace(notice, entities=(dataclasses.replace(entity, id=identifier, types=types, attrs=attrs),))


def _priority(attribute: Mapping[str, Any]) -> int:
    priority: int = attribute.get("metadata", {}).get("evalPriority", {}).get("value", LAST_PRIORITY)
    return priority
