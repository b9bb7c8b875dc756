"""Which tenant a request names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.errors import InvalidRequest
from services.kernel.tenancy import fold_name, name_in_headers


def test_without_headers_the_default_tenant_is_meant() -> None:
    assert name_in_headers({}) == ""


@pytest.mark.parametrize("headers", [{"fiware-service": ""}, {"ngsild-tenant": " "}])
def test_an_empty_header_means_the_default_tenant(headers: dict[str, str]) -> None:
    assert name_in_headers(headers) == ""


def test_either_header_names_the_tenant_in_lower_case() -> None:
    assert name_in_headers({"fiware-service": "Takamatsu"}) == "takamatsu"
    assert name_in_headers({"ngsild-tenant": "Takamatsu"}) == "takamatsu"


def test_a_hyphen_goes_with_ngsi_lds_header_alone() -> None:
    assert name_in_headers({"ngsild-tenant": "Ward-1"}) == "ward-1"
    with pytest.raises(InvalidRequest, match="digits and _,"):
        name_in_headers({"fiware-service": "ward-1"})
    with pytest.raises(InvalidRequest):
        name_in_headers({"fiware-service": "ward-1", "ngsild-tenant": "ward-1"})


def test_both_headers_may_name_the_same_tenant() -> None:
    assert name_in_headers({"fiware-service": "TAKAMATSU", "ngsild-tenant": "takamatsu"}) == "takamatsu"


@pytest.mark.parametrize("other", ["fukui", ""])
def test_headers_that_disagree_are_refused(other: str) -> None:
    with pytest.raises(InvalidRequest, match="different tenants"):
        name_in_headers({"fiware-service": "takamatsu", "ngsild-tenant": other})


@pytest.mark.parametrize(
    ("headers", "field"),
    [({"fiware-service": "a-b"}, "Fiware-Service"), ({"ngsild-tenant": "a.b"}, "NGSILD-Tenant")],
)
def test_a_bad_name_is_refused_by_its_header(headers: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        name_in_headers(headers)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "name", ["a" * 51, "高松", "a\nb", "a/b", "../a", "a,b", "\u212a", "*", "-a", "default-tenant"]
)
def test_a_name_outside_the_rule_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest):
        fold_name(name, "name")


@given(st.text(max_size=60))
def test_whatever_is_folded_is_refused_or_keeps_to_the_rule(text: str) -> None:
    try:
        folded = fold_name(text, "name")
    except InvalidRequest:
        return
    assert len(folded) <= 50
    assert set(folded) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")
    assert fold_name(folded, "name") == folded
