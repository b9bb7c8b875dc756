"""What is known of each entity type: its attributes with their NGSIv2 types, and how many entities it has."""

from dataclasses import dataclass, field
from typing import Any

from services.broker.domain.v2_value import shown_type
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

    def render(self, *, details: bool) -> dict[str, Any]:
        """Return it as GET /v2/types shows it; without details the types of attributes are left out."""
        attributes = {
            name: {"types": sorted(types) if details else []} for name, types in sorted(self.attributes.items())
        }
        return {"type": self.name, "attrs": attributes, "count": self.count}


async def summaries(broker: Broker, tenant: Tenant, names: Names, paths: tuple[str, ...]) -> list[TypeSummary]:
    """Return the types of a tenant's entities in these service paths, in alphabetical order."""
    async with session(broker.pool) as connection:
        counts = await v2_types.count_types(connection, tenant.tenant_id, paths)
        samples = await v2_types.sample_attributes(connection, tenant.tenant_id, paths)
    found = {iri: TypeSummary(names.short(iri), count) for iri, count in counts}
    for sample in samples:
        summary = found.get(sample.type)
        if summary is not None:
            summary.attributes.setdefault(names.short(sample.attribute), set()).add(shown_type(sample.instance))
    return sorted(found.values(), key=lambda each: each.name)
