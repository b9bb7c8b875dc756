"""What is known of each entity type: its attributes with their NGSIv2 types, and how many entities it has."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from services.broker.domain.v2_value import shown_type
from services.broker.domain.view import View
from services.broker.ngsiv2.names import Names
from services.broker.operations.broker import Broker
from services.broker.store import v2_types
from services.kernel.postgres import session
from services.kernel.tenancy import Tenant


@dataclass(slots=True)
class TypeSummary:
    """One entity type. `attributes` holds the types of each attribute."""

    name: str
    count: int = 0
    attributes: dict[str, set[str]] = field(default_factory=dict)

    def render(self) -> dict[str, Any]:
        """Return it as GET /v2/types shows it."""
        attributes = {name: {"types": sorted(types)} for name, types in sorted(self.attributes.items())}
        return {"type": self.name, "attrs": attributes, "count": self.count}


class Detail(StrEnum):
    """How much is read of each type: its name, its attributes' names, or their types too."""

    NAME = "name"
    ATTRIBUTES = "attributes"
    TYPES = "types"


@dataclass(frozen=True, slots=True)
class TypeQuestion:
    """Which types are asked for: in which service paths, which one (None: all; expanded), in which detail."""

    paths: tuple[str, ...]
    detail: Detail
    type_name: str | None = None


async def summaries(broker: Broker, tenant: Tenant, names: Names, question: TypeQuestion) -> list[TypeSummary]:
    """Return the types of a tenant's entities, in alphabetical order."""
    asked = (tenant.tenant_id, question.paths, question.type_name)
    named: list[tuple[str, str]] = []
    samples: list[v2_types.AttributeSample] = []
    async with session(broker.pool) as connection:
        counts = await v2_types.count_types(connection, *asked)
        if question.detail is Detail.ATTRIBUTES:
            named = await v2_types.name_attributes(connection, *asked)
        elif question.detail is Detail.TYPES:
            samples = await v2_types.sample_attributes(connection, *asked)
    if broker.view is not None:
        counts, named, samples = _shown(broker.view, question.paths, counts, named, samples)
    found = {iri: TypeSummary(names.short(iri), count) for iri, count in counts}
    for iri, attribute in named:
        if iri in found:
            found[iri].attributes.setdefault(names.short(attribute), set())
    for sample in samples:
        if sample.type in found:
            types = found[sample.type].attributes.setdefault(names.short(sample.attribute), set())
            types.add(shown_type(sample.instance))
    return sorted(found.values(), key=lambda each: each.name)


def _shown(
    view: View,
    paths: tuple[str, ...],
    counts: list[tuple[str, int]],
    named: list[tuple[str, str]],
    samples: list[v2_types.AttributeSample],
) -> tuple[list[tuple[str, int]], list[tuple[str, str]], list[v2_types.AttributeSample]]:
    """Leave out the types and attributes that the caller may not see."""
    return (
        [each for each in counts if view.shows(each[0], None, paths)],
        [each for each in named if view.shows(*each, paths)],
        [each for each in samples if view.shows(each.type, each.attribute, paths)],
    )
