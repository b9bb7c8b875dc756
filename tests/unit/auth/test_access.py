"""Grants: their grammar, and how a scope narrows them."""

import pytest

from services.auth.domain.access import ACTIONS, administered, narrow, overseen, read_grants, scope_of
from services.kernel.errors import BadData, InvalidRequest, NotAllowed
from services.kernel.identity import OPEN, Grant, Principal


def test_a_grants_tenant_is_folded_and_the_rest_kept() -> None:
    grant = Grant("Takamatsu", ("read",), "/river/#", ("EvacuationSite",))
    assert read_grants([grant]) == (Grant("takamatsu", ("read",), "/river/#", ("EvacuationSite",)),)


@pytest.mark.parametrize("tenant", ["*", ""])
def test_all_tenants_and_the_default_tenant_can_be_granted(tenant: str) -> None:
    assert read_grants([Grant(tenant, ("*",))]) == (Grant(tenant, ("*",)),)


@pytest.mark.parametrize(
    ("grant", "field"),
    [
        (Grant("a", ()), "grants.1.actions"),
        (Grant("a", ("fly",)), "grants.1.actions"),
        (Grant("a", ("read",), "river"), "grants.1.path"),
        (Grant("a", ("read",), "/river/"), "grants.1.path"),
        (Grant("a", ("read",), "/a,/b"), "grants.1.path"),
        (Grant("a", ("read",), "/a/#/b"), "grants.1.path"),
        (Grant("a", ("read",), "/#\n"), "grants.1.path"),
        (Grant("a", ("read",), "/a" * 11), "grants.1.path"),
        (Grant("a", ("read",), "/#", ()), "grants.1.types"),
        (Grant("a", ("read",), "/#", ("a b",)), "grants.1.types"),
        (Grant("a", ("read",), "/#", ("\ud800",)), "grants.1.types"),
        (Grant("a", ("read",), "/#", ("x" * 501,)), "grants.1.types"),
        (Grant("-ab", ("read",)), "grants.1.tenant"),
    ],
)
def test_a_bad_grant_is_refused_by_its_place(grant: Grant, field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read_grants([Grant("a", ("read",)), grant])
    assert refusal.value.field == field


def test_more_than_a_hundred_grants_are_refused() -> None:
    with pytest.raises(BadData, match="at most 100"):
        read_grants([Grant("a", ("read",))] * 101)


def test_a_scope_keeps_only_its_actions() -> None:
    grants = (Grant("a", ("read", "write")), Grant("b", ("admin",)), Grant("c", ("*",)))
    assert narrow(grants, "write  read") == (Grant("a", ("write", "read")), Grant("c", ("write", "read")))


def test_no_scope_narrows_nothing() -> None:
    grants = (Grant("a", ("read", "*")),)
    assert narrow(grants, " ") == grants


@pytest.mark.parametrize("scope", ["write", "read write", "fly", "*", "openid"])
def test_a_scope_beyond_the_grants_is_refused(scope: str) -> None:
    with pytest.raises(NotAllowed):
        narrow((Grant("a", ("read",)),), scope)


def test_a_scope_that_names_everything_is_not_an_action() -> None:
    with pytest.raises(NotAllowed):
        narrow((Grant("*", ("*",)),), "*")


def test_the_scope_of_grants_names_each_action_once() -> None:
    assert scope_of((Grant("a", ("write", "read")), Grant("b", ("read",)))) == "read write"
    assert scope_of((Grant("a", ("*",)),)) == " ".join(sorted(ACTIONS))
    assert scope_of(()) == ""


def test_only_a_grant_over_a_whole_tenant_administers_it() -> None:
    grants = (Grant("a", ("admin",)), Grant("b", ("admin",), "/x/#"), Grant("c", ("admin",), "/#", ("T",)))
    assert administered(Principal("s", "c", grants)) == {"a"}
    assert administered(OPEN) == {"*"}


def test_who_administers_nothing_is_refused() -> None:
    with pytest.raises(NotAllowed):
        administered(Principal("s", "c", (Grant("a", ("read",)),)))


def test_the_hubs_services_look_at_the_services_of_every_tenant_and_administrators_at_their_own() -> None:
    assert overseen(Principal("c", "c", (Grant("*", ("read", "report")),))) == {"*"}
    assert overseen(Principal("c", "c", (Grant("a", ("admin", "report")),))) == {"a"}
    with pytest.raises(NotAllowed):
        overseen(Principal("c", "c", (Grant("*", ("read",)),)))
