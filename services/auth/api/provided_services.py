"""Routes of services and their providers (サービスマネジメント)."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from services.auth.api.client_json import Secret
from services.auth.api.provided_service_json import (
    AgreementJson,
    AuditJson,
    NewAgreementJson,
    NewAuditJson,
    NewServiceClient,
    NewServiceJson,
    ServiceChange,
    ServiceJson,
    ServiceList,
    StepJson,
)
from services.auth.api.service import Caller, Part, Service, refusals
from services.auth.domain.provided_service import CHECKLIST, Audit, Status, Step, read_service_id
from services.auth.operations import agreements, provided_services

router = APIRouter(prefix="/services", tags=["Services"])
ServiceId = Annotated[str, Path(description="Identifier of the service", max_length=64, examples=["bus-navi"])]
ClientId = Annotated[str, Path(description="Identifier of the client", max_length=64)]


class ChecklistItem(BaseModel):
    """What must be confirmed before a service is approved."""

    item: str = Field(examples=["identity"])
    text: str = Field(description="In Japanese and English")


@router.post("", status_code=201, summary="Apply for a service", responses=refusals(401, 403, 409))
async def apply_for_service(service: Service, caller: Caller, new: NewServiceJson, response: Response) -> ServiceJson:
    """Write down a service that applies to be provided under a tenant; it can be used when approved and active.

    Its clients may do what they want in its own data area, and nothing elsewhere: not in another service's area, nor in
    the tenant's other data, whether personal or not, unless an agreement lets them. Needs `admin` in the tenant.
    """
    applied = new.to_value(read_service_id(new.service_id), caller.subject)
    made = await provided_services.apply_for_service(service, caller, applied)
    response.headers["Location"] = f"/services/{made.service_id}"
    return ServiceJson.of(made, service.clock())


@router.get("", summary="List services", responses=refusals(401, 403))
async def list_services(
    service: Service,
    caller: Caller,
    part: Part,
    status: Annotated[Status | None, Query(description="Only those of this status")] = None,
) -> ServiceList:
    """List the services under the tenants that the caller administers, by identifier."""
    found, total = await provided_services.list_services(service, caller, status, part)
    return ServiceList(total=total, services=[ServiceJson.of(each, service.clock()) for each in found])


@router.get("/checklist", summary="Show what must be confirmed before a service is approved")
async def show_checklist() -> list[ChecklistItem]:
    """Show the items of the checklist."""
    return [ChecklistItem(item=item, text=text) for item, text in CHECKLIST.items()]


@router.get("/{service_id}", summary="Show a service", responses=refusals(401, 403, 404))
async def show_service(service: Service, caller: Caller, service_id: ServiceId) -> ServiceJson:
    """Show a service. One that the caller does not administer is not found."""
    return ServiceJson.of(await provided_services.find_service(service, caller, service_id), service.clock())


@router.patch("/{service_id}", summary="Change a service", responses=refusals(401, 403, 404, 409))
async def change_service(service: Service, caller: Caller, service_id: ServiceId, change: ServiceChange) -> ServiceJson:
    """Change a service; tokens of its clients, and of those that use it, end within a second."""
    changed = await provided_services.change_service(service, caller, service_id, change.given)
    return ServiceJson.of(changed, service.clock())


@router.delete("/{service_id}", status_code=204, summary="Delete a service", responses=refusals(401, 403, 404, 409))
async def remove_service(service: Service, caller: Caller, service_id: ServiceId) -> None:
    """Delete a service that has ended or was never approved, with its clients, agreements and audits.

    Its data stay; a separated area then falls to the tenant.
    """
    await provided_services.remove_service(service, caller, service_id)


@router.post("/{service_id}/status", summary="Take a service a step on", responses=refusals(401, 403, 404, 409))
async def take_step(service: Service, caller: Caller, service_id: ServiceId, step: StepJson) -> ServiceJson:
    """Approve a service against the checklist, start it, suspend it, end it.

    applied → approved → active ⇄ suspended → ended. Clients of a service that is not active get no tokens, and those
    that they have are refused by every service within a second.
    """
    wanted = Step(step.status, step.reason, step.checklist)
    changed = await provided_services.take_step(service, caller, service_id, wanted)
    return ServiceJson.of(changed, service.clock())


@router.post(
    "/{service_id}/clients",
    status_code=201,
    summary="Make a client of a service",
    responses=refusals(401, 403, 404, 409),
)
async def add_client(service: Service, caller: Caller, service_id: ServiceId, new: NewServiceClient) -> Secret:
    """Make a client of a service; its secret is shown this once. It gets tokens while the service is active."""
    return Secret.model_validate(await provided_services.add_client(service, caller, service_id, new.title))


@router.get("/{service_id}/clients", summary="List the clients of a service", responses=refusals(401, 403, 404))
async def list_clients(service: Service, caller: Caller, service_id: ServiceId) -> list[str]:
    """List the identifiers of a service's clients."""
    return await provided_services.clients_of(service, caller, service_id)


@router.put(
    "/{service_id}/clients/{client_id}",
    status_code=204,
    summary="Make an application a client of a service",
    responses=refusals(401, 403, 404, 409),
)
async def attach_application(service: Service, caller: Caller, service_id: ServiceId, client_id: ClientId) -> None:
    """Make an application of the same tenant a client of a service: people act with it within the service's reach."""
    await provided_services.attach_application(service, caller, service_id, client_id)


@router.delete(
    "/{service_id}/clients/{client_id}",
    status_code=204,
    summary="Delete a client of a service",
    responses=refusals(401, 403, 404),
)
async def remove_client(
    service: Service,
    caller: Caller,
    service_id: ServiceId,
    client_id: ClientId,
) -> None:
    """Delete a client of a service; its tokens end within a second."""
    await provided_services.remove_client(service, caller, service_id, client_id)


@router.post(
    "/{service_id}/agreements",
    status_code=201,
    summary="Let somebody use a service's data",
    responses=refusals(401, 403, 404, 409),
)
async def agree(service: Service, caller: Caller, service_id: ServiceId, new: NewAgreementJson) -> AgreementJson:
    """Let another service, or a client, use a service's data: for some actions, types and attributes, and a time.

    A using service whose levels are below those that the used one asks is refused with the reason.
    """
    made = new.to_value(agreements.new_agreement_id(), service_id)
    return AgreementJson.model_validate(await agreements.agree(service, caller, made))


@router.get("/{service_id}/agreements", summary="List who uses a service", responses=refusals(401, 403, 404))
async def list_agreements(service: Service, caller: Caller, service_id: ServiceId) -> list[AgreementJson]:
    """List the agreements on the use of a service, ended ones too, the oldest first."""
    found = await agreements.list_agreements(service, caller, service_id)
    return [AgreementJson.model_validate(each) for each in found]


@router.delete(
    "/{service_id}/agreements/{agreement_id}",
    status_code=204,
    summary="End an agreement",
    responses=refusals(401, 403, 404),
)
async def end_agreement(
    service: Service,
    caller: Caller,
    service_id: ServiceId,
    agreement_id: Annotated[str, Path(description="Identifier of the agreement", max_length=64)],
) -> None:
    """End an agreement now; what it granted ends within a second. It stays in the list."""
    await agreements.end(service, caller, service_id, agreement_id)


@router.post("/{service_id}/audits", summary="Record an audit", responses=refusals(401, 403, 404))
async def record_audit(service: Service, caller: Caller, service_id: ServiceId, new: NewAuditJson) -> ServiceJson:
    """Write down an audit of a service, and when the next one is due."""
    audit = Audit("", service_id, new.audited_at, new.passed, "", new.note)
    changed = await provided_services.record_audit(service, caller, audit, new.next_audit_at)
    return ServiceJson.of(changed, service.clock())


@router.get("/{service_id}/audits", summary="List the audits of a service", responses=refusals(401, 403, 404))
async def list_audits(service: Service, caller: Caller, service_id: ServiceId) -> list[AuditJson]:
    """List the audits of a service, the oldest first."""
    found = await provided_services.audits_of(service, caller, service_id)
    return [AuditJson.model_validate(each) for each in found]
