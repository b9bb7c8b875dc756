"""Updates written to the store."""

from collections.abc import Sequence

from services.broker.http.face import Call
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.outcomes import Result, check_outcome, label
from services.broker.operations.mutation import Mutation, Outcome
from services.broker.operations.v2_updates import UpdateEntity
from services.kernel.tenancy import Tenant


async def check_or_forward(call: Call, tenant: Tenant, names: Names, mutation: UpdateEntity, *, why: str) -> None:
    """Update, and refuse where attributes were left out."""
    outcome = await write_or_forward(call, tenant, names, mutation)
    check_outcome(outcome, label(mutation.ref.id, call.request.parameters.get("type")), names, why=why)


async def write_or_forward(call: Call, tenant: Tenant, names: Names, mutation: UpdateEntity) -> Outcome:
    """Update one entity."""
    return await call.broker.writer.write(tenant.tenant_id, mutation)


async def write_batch_or_forward(
    call: Call, tenant: Tenant, names: Names, mutations: Sequence[Mutation], key: str | None
) -> list[Result]:
    """Update entities."""
    return await call.broker.writer.write_batch(tenant.tenant_id, mutations, key=key)
