"""A tenant's fields: what may be given, what the code tells, what contradicts itself."""

from typing import Any

import pytest

from services.auth.domain.local_government import Gazetteer, load_gazetteer
from services.auth.domain.tenant import Tenant, read_name, revise
from services.kernel.errors import BadData, InvalidRequest


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


def test_a_code_tells_title_and_kind(gazetteer: Gazetteer) -> None:
    revised = revise(Tenant("takamatsu"), {"code": "372013"}, gazetteer)
    assert (revised.kind, revised.title, revised.title_en) == ("municipality", "高松市", None)


def test_a_prefectures_code_tells_its_english_title(gazetteer: Gazetteer) -> None:
    revised = revise(Tenant("kagawa"), {"code": "370002"}, gazetteer)
    assert (revised.kind, revised.title, revised.title_en) == ("prefecture", "香川県", "Kagawa")


def test_given_titles_go_before_the_codes(gazetteer: Gazetteer) -> None:
    given = {"code": "372013", "title": "  たかまつ ", "title_en": "Takamatsu City"}
    revised = revise(Tenant("takamatsu"), given, gazetteer)
    assert (revised.title, revised.title_en) == ("たかまつ", "Takamatsu City")


def test_a_valid_code_outside_the_list_is_accepted(gazetteer: Gazetteer) -> None:
    revised = revise(Tenant("water"), {"code": "378518", "kind": "association", "title": "広域水道"}, gazetteer)
    assert (revised.kind, revised.code) == ("association", "378518")


def test_changing_the_title_leaves_an_associations_kind(gazetteer: Gazetteer) -> None:
    tenant = Tenant("water", kind="association", code="378518")
    assert revise(tenant, {"title": "水道"}, gazetteer).kind == "association"


def test_null_takes_a_field_away_and_resets_the_kind_and_status(gazetteer: Gazetteer) -> None:
    tenant = Tenant("x", kind="association", status="suspended", title="題", parent="kagawa", population=3)
    emptied = revise(tenant, dict.fromkeys(("kind", "status", "title", "parent", "population")), gazetteer)
    assert emptied == Tenant("x")


def test_null_as_the_kind_of_a_coded_tenant_means_what_the_code_tells(gazetteer: Gazetteer) -> None:
    tenant = Tenant("kagawa", kind="prefecture", code="370002")
    assert revise(tenant, {"kind": None}, gazetteer).kind == "prefecture"


def test_nothing_given_changes_nothing(gazetteer: Gazetteer) -> None:
    tenant = Tenant("water", kind="association", code="378518")
    assert revise(tenant, {}, gazetteer) is not None
    assert revise(tenant, {}, gazetteer) == tenant


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "372014"}, "code"),
        ({"code": "372013", "kind": "prefecture"}, "kind"),
        ({"code": "370002", "kind": "municipality"}, "kind"),
        ({"parent": "x"}, "parent"),
        ({"parent": "X"}, "parent"),
        ({"title": "   "}, "title"),
        ({"title": "長" * 201}, "title"),
        ({"title": "二\n行"}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"title_en": "\ud800"}, "title_en"),
        ({"default_context": "ftp://example.org/c"}, "default_context"),
        ({"default_context": "https://"}, "default_context"),
        ({"default_context": "https://[::1"}, "default_context"),
        ({"default_context": "https://example.org:99999/"}, "default_context"),
        ({"default_context": "https://example.org/ c"}, "default_context"),
        ({"default_context": "https://例え.jp/c"}, "default_context"),
        ({"default_context": "https://example.org/" + "c" * 2000}, "default_context"),
    ],
)
def test_a_bad_value_is_refused_by_its_field(gazetteer: Gazetteer, given: dict[str, Any], field: str) -> None:
    with pytest.raises(BadData) as refusal:
        revise(Tenant("x"), given, gazetteer)
    assert refusal.value.field == field


@pytest.mark.parametrize("text", ["-takamatsu", "高松", "a" * 51, "a b", "a/b", "\u212aagawa", "*"])
def test_a_name_outside_the_rule_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read_name(text)
    assert refusal.value.field == "name"


def test_the_default_tenants_empty_name_is_no_name_to_register() -> None:
    with pytest.raises(BadData, match="must not be empty"):
        read_name("")


def test_a_name_is_folded_to_lower_case() -> None:
    assert read_name("Takamatsu_1") == "takamatsu_1"
