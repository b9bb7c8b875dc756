"""The route by which the services hand over their audit trails: each record is held against its chain."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from services.auth.api.service import Caller, Service, refusals
from services.auth.domain.client import SERVICE_GRANTS, service_client_id
from services.auth.store import audit
from services.auth.store.database import transaction
from services.auth.store.reach import NOTHING
from services.kernel.audit.chain import AuditRecord, chained, record_of
from services.kernel.clock import from_iso
from services.kernel.errors import BadData, Conflict, NotAllowed, NotFound
from services.kernel.identity import OPEN

router = APIRouter(tags=["Audit"])
_MOST = 500


class AuditRecords(BaseModel):
    """Records of one segment, as they are exported."""

    model_config = ConfigDict(extra="forbid")

    records: list[dict[str, Any]] = Field(min_length=1, max_length=_MOST)


class AuditRecordsTaken(BaseModel):
    """How far a segment has come."""

    number: int = Field(description="Number of the last record that auth has")


@router.put(
    "/audit/segments/{service_name}/{segment}",
    summary="Hand over audit records of a service",
    responses=refusals(401, 403, 404, 409),
)
async def take_records(
    service: Service,
    caller: Caller,
    service_name: Annotated[str, Path(description="Name of the service", max_length=50, examples=["broker"])],
    segment: Annotated[str, Path(description="One process's chain", pattern=r"^\d{8}T\d{6}-[a-z]+-[0-9a-f]{12}$")],
    body: AuditRecords,
) -> AuditRecordsTaken:
    """Append records to a segment; those that are there already are passed over. Only the service itself may.

    409: a record does not follow the one before it, or was changed.
    """
    if service_name not in SERVICE_GRANTS or segment.split("-")[1] != service_name:
        raise NotFound(f"Service {service_name} has no segment {segment}")
    if caller is not OPEN and caller.client_id != service_client_id(service_name):
        raise NotAllowed(f"Only {service_name} itself hands over its audit trail")
    records = [_read(document, place) for place, document in enumerate(body.records)]
    async with transaction(service.engine, NOTHING.also("record")) as connection:
        number, last = await audit.last_of(connection, segment)
        new = [record for record in records if record.number > number]
        for record in new:
            _require_next(record, segment, number, last)
            number, last = record.number, record.hash
        if new:
            await audit.append(connection, new)
    return AuditRecordsTaken(number=number)


def _read(document: dict[str, Any], place: int) -> AuditRecord:
    try:
        record = record_of(document)
        from_iso(record.act.at)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadData("It is no audit record", field=f"records.{place}") from error
    if not all(isinstance(each, str) for each in (record.act.actor, record.act.action, record.act.tenant or "")):
        raise BadData("It is no audit record", field=f"records.{place}")
    return record


def _require_next(record: AuditRecord, segment: str, number: int, last: str) -> None:
    expected = chained(segment, number + 1, record.act, last)
    if record != expected:
        raise Conflict(f"Record {record.number} of segment {segment} does not follow record {number}, or was changed")
