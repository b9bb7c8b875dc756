"""Routes of the policy decision point: the OpenID AuthZEN Authorization API 1.0."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ValidationError

from services.auth.api.access_json import (
    ActionSearch,
    Configuration,
    EvaluationAnswer,
    EvaluationRequest,
    EvaluationsAnswer,
    EvaluationsRequest,
    PageAnswer,
    PageRequest,
    ResourceSearch,
    SearchAnswer,
    Semantic,
    SubjectSearch,
    read_subject_kind,
)
from services.auth.api.service import Caller, Service, refusals
from services.auth.operations import decision_search
from services.auth.operations.decision_search import Found
from services.auth.operations.decisions import RESOURCE_KIND, evaluate
from services.kernel.errors import BadData, HubError
from services.kernel.identity import Principal
from services.kernel.paging import Page

_STOPS: dict[Semantic, bool | None] = {
    "execute_all": None,
    "deny_on_first_deny": False,
    "permit_on_first_permit": True,
}
_ENDPOINTS = {
    "access_evaluation_endpoint": "/access/v1/evaluation",
    "access_evaluations_endpoint": "/access/v1/evaluations",
    "search_subject_endpoint": "/access/v1/search/subject",
    "search_resource_endpoint": "/access/v1/search/resource",
    "search_action_endpoint": "/access/v1/search/action",
}


def _echo_request_id(request: Request, response: Response) -> None:
    """Send back the identifier that the caller gave the request (10.1.3)."""
    request_id = request.headers.get("x-request-id")
    if request_id is not None and len(request_id) <= 200:
        response.headers["X-Request-ID"] = request_id


router = APIRouter(tags=["Policies"], dependencies=[Depends(_echo_request_id)])


@router.post("/access/v1/evaluation", summary="Decide", responses=refusals(401, 403), response_model_exclude_none=True)
async def decide_one(service: Service, caller: Caller, asked: EvaluationRequest) -> EvaluationAnswer:
    """Tell whether a subject may do something in a tenant (AuthZEN 6), by the rules that every service decides by.

    The caller oversees the tenant (`oversee` or `admin`), or asks about itself.
    """
    return await _decided(service, caller, asked)


@router.post(
    "/access/v1/evaluations",
    summary="Decide several",
    responses=refusals(401, 403),
    response_model_exclude_none=True,
)
async def decide_several(
    service: Service, caller: Caller, asked: EvaluationsRequest
) -> EvaluationsAnswer | EvaluationAnswer:
    """Decide over several requests in their order (AuthZEN 7), at most 100; without `evaluations` over the one given.

    A request that cannot be decided is refused for itself, with the reason in its `context`.
    """
    if not asked.evaluations:
        return await _decided(service, caller, _read(asked.requests()[0]))
    answers: list[EvaluationAnswer] = []
    for request in asked.requests():
        answers.append(await _decided_or_refused(service, caller, request))
        if answers[-1].decision is _STOPS[asked.options.evaluations_semantic]:
            break
    return EvaluationsAnswer(evaluations=answers)


@router.post("/access/v1/search/subject", summary="Search who may do it", responses=refusals(401, 403))
async def search_subjects(service: Service, caller: Caller, asked: SubjectSearch) -> SearchAnswer:
    """Find the clients, users or device keys that may do something in a tenant (AuthZEN 8.4).

    Candidates are looked at page by page: a page may have few results and a `next_token`.
    """
    kind = read_subject_kind(asked.subject.type)
    question = asked.resource.question(asked.action.name, asked.resource.id)
    found = await decision_search.search_subjects(service, caller, kind, question, _part(asked.page))
    return _answer([{"type": kind, "id": each} for each in found.ids], found)


@router.post("/access/v1/search/resource", summary="Search where it may be done", responses=refusals(401, 403))
async def search_resources(service: Service, caller: Caller, asked: ResourceSearch) -> SearchAnswer:
    """Find the tenants in which a subject may do something, as far as the caller oversees them (AuthZEN 8.5)."""
    question = asked.resource.question(asked.action.name, "")
    subject = asked.subject.to_value()
    found = await decision_search.search_resources(service, caller, subject, question, _part(asked.page))
    return _answer([{"type": RESOURCE_KIND, "id": each} for each in found.ids], found)


@router.post("/access/v1/search/action", summary="Search what may be done", responses=refusals(401, 403))
async def search_actions(service: Service, caller: Caller, asked: ActionSearch) -> SearchAnswer:
    """Find the actions that a subject may do in a tenant (AuthZEN 8.6)."""
    question = asked.resource.question("read", asked.resource.id)
    found = await decision_search.search_actions(service, caller, asked.subject.to_value(), question)
    return _answer([{"name": each} for each in found.ids], found)


@router.get("/.well-known/authzen-configuration", summary="Show where decisions are asked for")
async def show_configuration(service: Service) -> Configuration:
    """Show the endpoints of the policy decision point (AuthZEN 9)."""
    base = service.issuer.url.rstrip("/")
    endpoints = {name: base + path for name, path in _ENDPOINTS.items()}
    return Configuration(policy_decision_point=base, **endpoints)


async def _decided(service: Service, caller: Principal, asked: EvaluationRequest) -> EvaluationAnswer:
    question = asked.resource.question(asked.action.name, asked.resource.id)
    answer = await evaluate(service, caller, asked.subject.to_value(), question)
    return EvaluationAnswer.of(answer, asked.context)


async def _decided_or_refused(service: Service, caller: Principal, request: dict[str, Any]) -> EvaluationAnswer:
    try:
        return await _decided(service, caller, _read(request))
    except HubError as error:
        return EvaluationAnswer(decision=False, context={"reason": "error", "detail": error.detail})


def _read(request: dict[str, Any]) -> EvaluationRequest:
    try:
        return EvaluationRequest.model_validate(request)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(str(each) for each in fault["loc"])
        raise BadData(f"{field}: {fault['msg']}", field=field) from error


def _part(page: PageRequest) -> Page:
    return Page(page.limit, int(page.token or 0))


def _answer(results: list[dict[str, str]], found: Found) -> SearchAnswer:
    next_token = "" if found.next is None else str(found.next)
    return SearchAnswer(results=results, page=PageAnswer(next_token=next_token, count=len(results)))
