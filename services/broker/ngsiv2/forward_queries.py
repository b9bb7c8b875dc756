"""Queries answered from the store."""

from services.broker.domain.entity import Entity
from services.broker.http.face import Call
from services.broker.ngsiv2.access import retrieve
from services.broker.ngsiv2.entity_list import Question
from services.broker.ngsiv2.names import Names
from services.broker.operations import reads
from services.kernel.tenancy import Tenant


async def find_everywhere(
    call: Call, tenant: Tenant, question: Question, *, skip: bool
) -> tuple[list[Entity], int | None]:
    """Return the entities that a query asks for, and their number if asked."""
    result = await reads.find(call.broker, tenant, question.query)
    return list(result.entities), result.count


async def retrieve_everywhere(call: Call, *, skip: bool) -> tuple[Entity, Names]:
    """Return the entity of a reading path."""
    return await retrieve(call)
