"""Attributes as provisioning defines them: active ones that measures fill, static ones with a value of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.ingest.domain.conversion import Conversion, conversion_as_labelled, conversion_of, is_temporal
from services.ingest.domain.expression.compiled import Expression, compile_expression
from services.kernel.jexl.tree import Fault

Fields = Mapping[str, Any]
_UNTOLD = frozenset({"", "Property", "None"})
_TOLD_BY_VALUE = _UNTOLD | {"Number", "Text", "Boolean", "StructuredValue"}
TIME_NAME = "TimeInstant"


@dataclass(frozen=True, slots=True)
class ActiveAttribute:
    """Which key of a measure becomes which attribute, of which entity (none: the device's own).

    `expression` gives the value instead of the measure's key, `computed` those of metadata, `naming` the entity's name;
    a value that equals `skipped` makes no attribute.
    """

    key: str
    name: str
    conversion: Conversion
    extras: Mapping[str, object]
    entity_name: str | None = None
    entity_type: str | None = None
    expression: Expression | None = None
    computed: Mapping[str, Expression] = field(default_factory=dict)
    naming: Expression | None = None
    skipped: object = None

    @property
    def is_computed(self) -> bool:
        """Whether more than a measure's key decides about the attribute."""
        return self.expression is not None or bool(self.computed) or self.naming is not None

    def render(self, raw: object, observed_at: str) -> dict[str, object]:
        """Write the attribute in NGSI-LD's normalized form. Raises MeasureRefused."""
        found = self.conversion.render(raw)
        if self.extras:
            found.update(self.extras)
        found["observedAt"] = observed_at
        return found


@dataclass(frozen=True, slots=True)
class StaticAttribute:
    """An attribute with a value of its own; what is `computed` of it, or its whole value, depends on the measure."""

    name: str
    value: object
    conversion: Conversion
    extras: Mapping[str, object]
    expression: Expression | None = None
    computed: Mapping[str, Expression] = field(default_factory=dict)

    @property
    def is_computed(self) -> bool:
        """Whether the attribute depends on measures, and is written with each."""
        return self.expression is not None or bool(self.computed)

    def render(self) -> dict[str, object]:
        """Write the attribute in NGSI-LD's normalized form. Raises MeasureRefused."""
        return {**self.conversion.render(self.value), **self.extras}


def active_attribute(fields: Fields, *, labelled: bool = False) -> ActiveAttribute:
    """Read one of `attributes`: of `object_id` and `name` the one given stands for both. Raises Fault.

    `labelled`: its type is but a label, which no value is held against.
    """
    name = fields.get("name") or fields["object_id"]
    return ActiveAttribute(
        key=fields.get("object_id") or name,
        name=name,
        conversion=(conversion_as_labelled if labelled else conversion_of)(fields.get("type") or ""),
        extras=_extras(fields, labelled=labelled),
        entity_name=fields.get("entity_name"),
        entity_type=fields.get("entity_type"),
        expression=_expression(fields.get("expression")),
        computed=_computed(fields),
        naming=naming_expression(fields.get("entity_name")),
        skipped=fields.get("skipValue"),
    )


def static_attribute(fields: Fields, *, labelled: bool = False) -> StaticAttribute:
    """Read one of `static_attributes`; `labelled` as with active ones. Raises Fault."""
    return StaticAttribute(
        name=fields["name"],
        value=fields.get("value"),
        conversion=(conversion_as_labelled if labelled else conversion_of)(fields.get("type") or ""),
        extras=_extras(fields, labelled=labelled),
        expression=_expression(fields.get("expression")),
        computed=_computed(fields),
    )


def naming_expression(text: object) -> Expression | None:
    """Read the name of an entity as an expression, if it is one that can have a value other than itself."""
    if not isinstance(text, str) or not text:
        return None
    try:
        expression = compile_expression(text)
    except Fault:
        return None
    return expression if expression.names else None


def merge(own: Sequence[Fields], inherited: Sequence[Fields]) -> list[Fields]:
    """Add a group's attributes to a device's own where the device defines neither their key nor their name."""
    keys = {each.get("object_id") or each.get("name") for each in own}
    names = {each.get("name") or each.get("object_id") for each in own}
    added = [
        each
        for each in inherited
        if (each.get("object_id") or each.get("name")) not in keys
        and (each.get("name") or each.get("object_id")) not in names
    ]
    return [*own, *added]


def time_attribute(observed_at: str) -> dict[str, object]:
    """Write `TimeInstant`, as an attribute or as metadata of one."""
    return {"type": "Property", "value": {"@type": "DateTime", "@value": observed_at}}


def add_time_metadata(entity: Mapping[str, Any]) -> None:
    """Give an entity's attributes their time as metadata `TimeInstant`, as the agents do with NGSIv2."""
    for attribute in entity.values():
        if isinstance(attribute, dict) and "observedAt" in attribute:
            attribute[TIME_NAME] = time_attribute(attribute["observedAt"])


def member_of_metadata(name: str, value: object) -> object:
    """Write one of an attribute's metadata as NGSI-LD has it: `unitCode` as it is, others as sub-properties."""
    return value if name == "unitCode" else {"type": "Property", "value": value}


def _expression(text: object) -> Expression | None:
    return compile_expression(text) if isinstance(text, str) and text else None


def _computed(fields: Fields) -> Mapping[str, Expression]:
    metadata = fields.get("metadata") or {}
    texts = {name: each["expression"] for name, each in metadata.items() if _is_computed(each)}
    return {name: compile_expression(text) for name, text in texts.items() if name != TIME_NAME}


def _is_computed(metadata: object) -> bool:
    return (
        isinstance(metadata, Mapping) and isinstance(metadata.get("expression"), str) and bool(metadata["expression"])
    )


def _extras(fields: Fields, *, labelled: bool) -> dict[str, object]:
    """Turn `type`, `unitCode` and `metadata` into members of the attribute (clause 4.5.2).

    Metadata are sub-properties. A type that the value does not tell itself is kept as `valueType`, and shown by NGSIv2.
    """
    extras: dict[str, object] = {}
    kind = fields.get("type") or ""
    if (
        kind not in (_UNTOLD if labelled else _TOLD_BY_VALUE)
        and conversion_of(kind).kind == "Property"
        and not is_temporal(kind)
    ):
        extras["valueType"] = kind
    for name, metadata in (fields.get("metadata") or {}).items():
        if not _is_computed(metadata):
            value = metadata.get("value") if isinstance(metadata, Mapping) else metadata
            extras[name] = member_of_metadata(name, value)
    if fields.get("unitCode"):
        extras["unitCode"] = fields["unitCode"]
    return extras
