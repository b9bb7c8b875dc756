"""Policies in Cedar: cells that they cannot tell apart, and what they say of each."""

from datetime import UTC, datetime

import pytest

from services.auth.domain.policy_text import MOST_CELLS, read_policies
from services.kernel.errors import BadData
from services.kernel.identity import Grant, Principal
from services.kernel.identity.assurance import Assurance
from services.kernel.identity.decision import Question, decide
from services.kernel.identity.policies import Cell, Policies, PolicyRequest
from services.kernel.identity.rules import Area, LevelRule, Rules

MORNING = datetime(2026, 11, 20, 22, 30, 12, tzinfo=UTC)  # 07:30 in Japan, a Saturday
TEXT = """
@id("office-hours") forbid (principal, action == Hiroba::Action::"read", resource in Hiroba::Type::"Resident")
when { context.hour < 8 };
@id("bus") permit (principal in Hiroba::Service::"walk", action == Hiroba::Action::"read", resource)
when { resource in Hiroba::Path::"/bus/stops" && resource in Hiroba::Type::"BusStop" };
@id("closed") forbid (principal, action, resource in Hiroba::Path::"/bus/drivers");
"""
READER = Principal("c", "c", (Grant("t", ("read",)),))
WALKER = Principal("w", "w", (), service="walk")
RULES = Rules(policies=Policies(TEXT))


def _ask(principal: Principal, path: str, kind: str = "*", now: datetime = MORNING) -> tuple[bool, str]:
    decision = decide(principal, RULES, Question("read", "t", path, kind), now)
    return decision.is_allowed, decision.reason


def test_cells_are_the_named_paths_and_types_and_the_rest() -> None:
    policies = Policies(TEXT)
    assert (policies.paths, policies.types) == (("/", "/bus/drivers", "/bus/stops"), ("BusStop", "Resident"))
    assert len(list(policies.cells())) == 9
    assert policies.below(Cell("/", "")) == ("/bus/drivers/#", "/bus/stops/#")
    assert policies.cells_of("/bus/stops/east", "BusStop") == [Cell("/bus/stops", "BusStop")]
    assert policies.cells_of("/bus/#", "Park") == [
        Cell("/", ""), Cell("/bus/drivers", ""), Cell("/bus/stops", ""),
    ]  # fmt: skip
    assert len(policies.cells_of("/#", "*")) == 9


def test_a_forbid_overrides_a_grant_and_is_named() -> None:
    assert _ask(READER, "/", "Resident") == (False, "forbidden_by_policy")
    assert _ask(READER, "/", "Resident", MORNING.replace(hour=23)) == (True, "granted")
    assert _ask(READER, "/", "Park") == (True, "granted")
    assert _ask(READER, "/bus/drivers/a", "Park") == (False, "forbidden_by_policy")
    decision = decide(READER, RULES, Question("read", "t", "/", "Resident"), MORNING)
    assert decision.policies == ("office-hours",)


def test_a_question_over_more_is_refused_where_any_part_of_it_is() -> None:
    assert _ask(READER, "/#", "Park") == (False, "forbidden_by_policy")
    assert _ask(READER, "/parks/#", "Park") == (True, "granted")
    assert _ask(READER, "/parks") == (False, "forbidden_by_policy")


def test_a_permit_adds_to_what_grants_allow() -> None:
    assert _ask(WALKER, "/bus/stops", "BusStop") == (True, "permitted_by_policy")
    assert _ask(WALKER, "/bus/stops", "Park") == (False, "not_granted")
    assert _ask(WALKER, "/bus", "BusStop") == (False, "not_granted")


def test_the_same_request_within_a_minute_is_decided_once() -> None:
    policies = Policies(TEXT)
    first = policies.decide(PolicyRequest.of(READER, "read", Cell("/", "Resident"), MORNING, granted=True))
    later = PolicyRequest.of(READER, "read", Cell("/", "Resident"), MORNING.replace(second=59), granted=True)
    assert policies.decide(later) is first
    other = PolicyRequest.of(WALKER, "read", Cell("/", "Resident"), MORNING, granted=True)
    assert policies.decide(other) is not first


def test_levels_and_separated_areas_are_part_of_a_decision() -> None:
    rules = Rules((Area("bus", "/bus", is_separated=True),), (LevelRule(Assurance(2, 2), types=("Resident",)),))
    question = Question("read", "t", "/", "Resident")
    short = decide(READER, rules, question, MORNING)
    assert (short.is_allowed, short.reason, short.asked) == (False, "insufficient_assurance", Assurance(2, 2))
    sure = Principal("c", "c", READER.grants, 2, 2)
    assert decide(sure, rules, question, MORNING).is_allowed
    for path in ("/bus", "/bus/a", "/#", "/bus/#"):
        assert not decide(READER, rules, Question("read", "t", path, "Park"), MORNING).is_allowed, path
    assert decide(READER, rules, Question("read", "t", "/buses", "Park"), MORNING).is_allowed
    named = Principal("c", "c", (Grant("t", ("read",), "/bus/#"),))
    assert decide(named, rules, Question("read", "t", "/bus/a", "Park"), MORNING).is_allowed


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("permit (principal, action, resource", "unexpected end of input"),
        ("permit (principal, action, resource) when { context.hours < 8 };", "hours"),
        ('permit (principal == Hiroba::Robot::"a", action, resource);', "Robot"),
        ('permit (principal, action == Hiroba::Action::"fly", resource);', "fly"),
        ('permit (principal, action, resource) when { resource.id like "x" };', "id"),
        ("x" * 70_000, "at most"),
    ],
)
def test_policies_that_cannot_be_are_refused_with_what_is_wrong(text: str, part: str) -> None:
    with pytest.raises(BadData, match=part):
        read_policies(text)


def test_policies_that_name_too_much_are_refused() -> None:
    def forbid(kind: str, name: str) -> str:
        return f'forbid (principal, action, resource in Hiroba::{kind}::"{name}");'

    many = "".join(forbid("Type", f"T{n}") + forbid("Path", f"/p{n}") for n in range(25))
    with pytest.raises(BadData, match=f"at most {MOST_CELLS}"):
        read_policies(many)
    assert read_policies(TEXT) == TEXT
