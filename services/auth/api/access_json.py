"""Requests and answers of the authorization API (OpenID AuthZEN Authorization API 1.0) in JSON."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.auth.domain.scopes import read_path
from services.auth.operations.decisions import RESOURCE_KIND, SUBJECT_KINDS, Answer, Subject
from services.kernel.errors import BadData
from services.kernel.identity import Grant
from services.kernel.identity.assurance import read_acr
from services.kernel.identity.decision import Question

Semantic = Literal["execute_all", "deny_on_first_deny", "permit_on_first_permit"]
MOST_EVALUATIONS = 100
MOST_LETTERS = 100
_Properties: Any = Field(default_factory=dict, description="Further properties")


class SubjectJson(BaseModel):
    """Whom a decision is about (5.1)."""

    type: str = Field(description=f"One of {', '.join(f'`{kind}`' for kind in SUBJECT_KINDS)}", examples=["client"])
    id: str = Field(description="Identifier of the client, user or device key", examples=["river-watch"])
    properties: dict[str, Any] = Field(
        default_factory=dict,
        description="`acr`: how a user has signed in; `client_id`: the client that a user acts with",
    )

    def to_value(self) -> Subject:
        """Return the value. Raises BadData."""
        read_subject_kind(self.type)
        levels = read_acr(str(self.properties.get("acr", "")))
        client = self.properties.get("client_id", "") if self.type == "user" else ""
        if not isinstance(client, str) or len(client) > MOST_LETTERS:
            raise BadData("client_id must be text", field="subject.properties.client_id")
        return Subject(self.type, self.id, 0 if levels is None else levels.aal, client)


class SubjectType(BaseModel):
    """The kind of subjects that are searched for."""

    type: str = Field(examples=["client"])
    id: str | None = Field(None, description="Ignored")
    properties: dict[str, Any] = _Properties


class ActionJson(BaseModel):
    """What is to be done (5.3)."""

    name: str = Field(description="An action as in grants", examples=["read"])
    properties: dict[str, Any] = _Properties


class ResourceType(BaseModel):
    """The kind of resources that are searched for."""

    type: str = Field(description=f"`{RESOURCE_KIND}`", examples=[RESOURCE_KIND])
    id: str | None = Field(None, description="Ignored")
    properties: dict[str, Any] = Field(
        default_factory=dict,
        description="`service_path` (`/#` unless given), `entity_type`, `attribute` (`*`: all, unless given)",
    )

    def question(self, action: str, tenant: str) -> Question:
        """Return what is asked. Raises BadData."""
        if self.type != RESOURCE_KIND:
            raise BadData(f"resource.type must be {RESOURCE_KIND}", field="resource.type")
        given = {name: self.properties.get(name) for name in ("service_path", "entity_type", "attribute")}
        for name, value in given.items():
            if value is not None and (not isinstance(value, str) or not 0 < len(value) <= 600):
                raise BadData(f"{name} must be text", field=f"resource.properties.{name}")
        path = read_path(str(given["service_path"] or "/#"), "resource.properties.service_path")
        return Question(action, tenant, path, str(given["entity_type"] or "*"), str(given["attribute"] or "*"))


class ResourceJson(ResourceType):
    """What it is to be done to: a tenant, or a part of its data (5.2)."""

    id: str = Field(description="Name of the tenant", examples=["takamatsu"], max_length=100)


class EvaluationRequest(BaseModel):
    """May the subject do the action to the resource? (6.1)"""

    subject: SubjectJson
    action: ActionJson
    resource: ResourceJson
    context: dict[str, Any] = Field(default_factory=dict, description="`explain`: true tells what decided")


class EvaluationAnswer(BaseModel):
    """The decision (6.2)."""

    decision: bool
    context: dict[str, Any] | None = Field(None, description="Why it is refused, and what decided if asked")

    @classmethod
    def of(cls, answer: Answer, context: dict[str, Any]) -> "EvaluationAnswer":
        """Represent an answer."""
        told: dict[str, Any] = {} if answer.is_allowed else {"reason": answer.reason}
        decision = answer.decision
        if decision is not None and decision.asked is not None:
            told["acr_values"] = decision.asked.acr
        if context.get("explain") is True:
            told["reason"] = answer.reason
            told["explain"] = {
                "grants": [] if decision is None else [_shown(grant) for grant in decision.grants],
                "policies": [] if decision is None else list(decision.policies),
            }
        return cls(decision=answer.is_allowed, context=told or None)


class Options(BaseModel):
    """How several evaluations are carried out (7.1.2)."""

    model_config = ConfigDict(extra="allow")

    evaluations_semantic: Semantic = Field("execute_all", description="When to stop")


class EvaluationsRequest(BaseModel):
    """Several evaluations; what stands at the top is the default of each (7.1)."""

    subject: dict[str, Any] | None = None
    action: dict[str, Any] | None = None
    resource: dict[str, Any] | None = None
    context: dict[str, Any] | None = None
    evaluations: list[dict[str, Any]] = Field([], max_length=MOST_EVALUATIONS)
    options: Options = Field(default_factory=Options)

    def requests(self) -> list[dict[str, Any]]:
        """Return each evaluation with the defaults filled in; without any, the one at the top."""
        defaults = {
            name: getattr(self, name)
            for name in ("subject", "action", "resource", "context")
            if getattr(self, name) is not None
        }
        return [{**defaults, **each} for each in self.evaluations or [{}]]


class EvaluationsAnswer(BaseModel):
    """The decisions in the order of the requests, as far as they were carried out (7.2)."""

    evaluations: list[EvaluationAnswer]


class PageRequest(BaseModel):
    """Which part of a search is wanted (8.2)."""

    token: str = Field("", description="`next_token` of the page before", pattern=r"^\d{0,15}$")
    limit: int = Field(50, strict=True, ge=1, le=100, description="Most candidates that are looked at")


class SubjectSearch(BaseModel):
    """Which subjects may do it? (8.4)"""

    subject: SubjectType
    action: ActionJson
    resource: ResourceJson
    context: dict[str, Any] = _Properties
    page: PageRequest = Field(default_factory=PageRequest)


class ResourceSearch(BaseModel):
    """Where may the subject do it? (8.5)"""

    subject: SubjectJson
    action: ActionJson
    resource: ResourceType
    context: dict[str, Any] = _Properties
    page: PageRequest = Field(default_factory=PageRequest)


class ActionSearch(BaseModel):
    """What may the subject do there? (8.6)"""

    subject: SubjectJson
    resource: ResourceJson
    context: dict[str, Any] = _Properties
    page: PageRequest = Field(default_factory=PageRequest)


class PageAnswer(BaseModel):
    """Where to go on (8.2)."""

    next_token: str = Field(description="Empty at the end")
    count: int = Field(description="Results on this page")


class SearchAnswer(BaseModel):
    """What was found."""

    results: list[dict[str, str]]
    page: PageAnswer


class Configuration(BaseModel):
    """Where the decision point has its endpoints (9)."""

    policy_decision_point: str
    access_evaluation_endpoint: str
    access_evaluations_endpoint: str
    search_subject_endpoint: str
    search_resource_endpoint: str
    search_action_endpoint: str


def read_subject_kind(text: str) -> str:
    """Hold a kind of subject against those there are. Raises BadData."""
    if text not in SUBJECT_KINDS:
        raise BadData(f"subject.type must be one of {', '.join(SUBJECT_KINDS)}", field="subject.type")
    return text


def _shown(grant: Grant) -> dict[str, Any]:
    return grant.document
