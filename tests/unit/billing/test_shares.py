"""Costs are divided by the plan's rules, exactly, and every share can be computed again from what is told with it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.auth.billing.apportion import apportion
from services.auth.billing.documents import shares_document
from services.auth.billing.invoice import Cost, Invoice
from services.auth.billing.plan import Plan
from services.auth.billing.presets import PRESETS
from services.auth.billing.shares import Known, Settlement, divide, tapered
from services.auth.billing.statement import statement
from services.auth.billing.table import shares_csv
from services.kernel.errors import BadData

FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)
PEOPLE = {"takamatsu": 400_000, "marugame": 100_000, "naoshima": 3_000}
USED = {"interactive": 5}


def _plan(rules: Any, members: Any = tuple(PEOPLE), payer: str | None = "kagawa") -> Plan:
    listed = [each if isinstance(each, dict) else {"tenant": each} for each in members]
    document = {"title": "計画", "owner": "kagawa", "payer": payer, "members": listed, "rules": rules}
    return Plan.model_validate(document)


def _invoice(*costs: tuple[str, int, str | None]) -> Invoice:
    listed = [Cost(title=head, head=head, yen=yen, service=service) for head, yen, service in costs]
    return Invoice(title="請求", plan="p", since=FIRST, until=LAST, costs=listed)


def _known(**use: Mapping[str, int]) -> dict[str, Known]:
    return {name: Known(people, use.get(name, {})) for name, people in PEOPLE.items()}


def _preset(name: str) -> list[Any]:
    return [rule.model_dump() for rule in PRESETS[name]()]


def test_tochigi_a_member_is_free_until_it_uses_and_the_others_pay_no_more_for_it() -> None:
    plan, invoice = _plan(_preset("tochigi")), _invoice(("operation", 3_000_000, None))
    nobody = divide(invoice, plan, _known()).yen_by_tenant()
    one = divide(invoice, plan, _known(marugame=USED)).yen_by_tenant()
    everybody = divide(invoice, plan, _known(**dict.fromkeys(PEOPLE, USED))).yen_by_tenant()
    assert nobody == {"kagawa": 3_000_000}
    assert one == {"kagawa": 3_000_000 - everybody["marugame"], "marugame": everybody["marugame"]}
    assert sum(everybody.values()) == 3_000_000
    assert "kagawa" not in everybody


def test_fukushima_half_is_the_prefectures_and_a_chosen_service_its_choosers() -> None:
    members = [{"tenant": "takamatsu", "services": ["points"]}, "marugame", "naoshima"]
    plan = _plan(_preset("fukushima"), members)
    invoice = _invoice(("cloud", 1_000_001, None), ("licences", 77_777, "points"))
    found = divide(invoice, plan, _known(takamatsu=USED, marugame=USED)).yen_by_tenant()
    assert found["kagawa"] in (500_000, 500_001)
    hub = {name: yen - (77_777 if name == "takamatsu" else 0) for name, yen in found.items() if name != "kagawa"}
    assert "naoshima" not in found
    assert hub["takamatsu"] > hub["marugame"] > 0
    assert sum(found.values()) == 1_077_778


def test_tottori_the_hub_is_the_prefectures_and_an_application_its_users() -> None:
    members = [{"tenant": "takamatsu", "services": ["cashless"]}, {"tenant": "marugame", "services": ["cashless"]}]
    invoice = _invoice(("cloud", 900, None), ("licences", 101, "cashless"), ("licences", 50, "unused"))
    found = divide(invoice, _plan(_preset("tottori"), members), _known()).yen_by_tenant()
    assert found["kagawa"] == 950
    assert found["takamatsu"] + found["marugame"] == 101


def test_harp_twice_the_inhabitants_pay_one_and_a_half_times_as_much() -> None:
    for population in (1_000, 50_000, 1_800_000):
        ratio = tapered(2 * population, Decimal("1.5")) / tapered(population, Decimal("1.5"))
        assert abs(ratio - Decimal("1.5")) < Decimal("0.00001")
    assert tapered(100_000, Decimal("1.5")) == Decimal("841.031968")
    assert tapered(12_345, Decimal(2)) == 12_345
    assert tapered(0, Decimal("1.5")) == 0


def test_a_member_pays_for_its_days() -> None:
    half = {"tenant": "marugame", "since": "2026-10-01"}
    gone = {"tenant": "naoshima", "until": "2026-03-31"}
    plan = _plan([{"parts": [{"by": {"key": "equal"}}]}], ["takamatsu", half, gone])
    found = divide(_invoice(("cloud", 365 + 182, None)), plan, _known()).yen_by_tenant()
    assert found == {"takamatsu": 365, "marugame": 182}


def test_measured_use_is_weighed_by_points() -> None:
    plan = _plan([{"parts": [{"by": {"key": "use", "points": {"interactive": 1, "batch": 10}}}]}])
    use = {"takamatsu": {"interactive": 50}, "marugame": {"batch": 5}, "naoshima": {"notifications": 9}}
    found = divide(_invoice(("cloud", 1000, None)), plan, _known(**use)).yen_by_tenant()
    assert found == {"takamatsu": 500, "marugame": 500, "naoshima": 0}


@pytest.mark.parametrize(
    ("payer", "expected"), [("kagawa", {"kagawa": 10}), (None, {"marugame": 4, "takamatsu": 3, "naoshima": 3})]
)
def test_what_nobody_has_a_figure_for_goes_to_the_payer_or_to_all(payer: str | None, expected: dict[str, int]) -> None:
    plan = _plan([{"parts": [{"by": {"key": "use"}}]}], payer=payer)
    settlement = divide(_invoice(("cloud", 10, None)), plan, _known())
    assert settlement.yen_by_tenant() == expected
    assert settlement.costs[0].parts[0].is_fallback


def test_a_billing_party_pays_for_others() -> None:
    plan = _plan([{"parts": [{"by": {"key": "equal"}}]}], payer=None)
    known = {**_known(), "naoshima": Known(3_000, {}, "takamatsu")}
    settlement = divide(_invoice(("cloud", 300, None)), plan, known)
    assert settlement.yen_by_tenant() == dict.fromkeys(sorted(PEOPLE), 100)
    assert settlement.yen_by_party() == {"marugame": 100, "takamatsu": 200}


@pytest.mark.parametrize(
    ("rules", "costs", "words"),
    [
        (
            [{"heads": ["cloud"], "parts": [{"by": {"key": "equal"}}]}],
            [("operation", 1, None)],
            "no rule for operation of",
        ),
        ([{"of": "hub", "parts": [{"by": {"key": "equal"}}]}], [("cloud", 1, "x")], "no rule for cloud of service x"),
        ([{"parts": [{"by": {"key": "population"}}]}], [("cloud", 1, None)], "Tenant stranger has no population"),
    ],
)
def test_what_cannot_be_divided_is_refused(rules: Any, costs: Any, words: str) -> None:
    plan = _plan(rules, [*PEOPLE, "stranger"])
    with pytest.raises(BadData, match=words):
        divide(_invoice(*costs), plan, _known())


KEYS = st.sampled_from(
    [
        {"key": "equal"},
        {"key": "population"},
        {"key": "population", "doubling": "1.5"},
        {"key": "use", "points": {"interactive": 3, "batch": 1}},
        {"key": "payer"},
    ]
)
PARTS = st.builds(
    lambda key, weight, among, free: {"by": key, "weight": weight, "among": among, "free_until_used": free},
    KEYS,
    st.integers(1, 9),
    st.sampled_from(["members", "users"]),
    st.booleans(),
)
COSTS = st.tuples(
    st.sampled_from(["cloud", "operation", "licences"]), st.integers(-(10**9), 10**9), st.none() | st.just("s")
)
TOWNS = st.lists(
    st.tuples(st.integers(0, 10**6), st.integers(0, 20), st.booleans(), st.integers(0, 400)), min_size=1, max_size=12
)


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(PARTS, min_size=1, max_size=4), costs=st.lists(COSTS, min_size=1, max_size=4), towns=TOWNS)
def test_any_plan_divides_any_invoice_to_the_yen_and_can_be_checked(parts: Any, costs: Any, towns: Any) -> None:
    members, known = [], {}
    for number, (people, calls, has_service, days) in enumerate(towns):
        since = date.fromordinal(LAST.toordinal() - days).isoformat()
        members.append({"tenant": f"t{number}", "since": since, "services": ["s"] if has_service else []})
        known[f"t{number}"] = Known(people, {"interactive": calls})
    plan, invoice = _plan([{"parts": parts}], members), _invoice(*costs)
    settlement = divide(invoice, plan, known)
    assert sum(settlement.yen_by_tenant().values()) == sum(settlement.yen_by_party().values()) == invoice.yen
    _check(settlement)


def _check(settlement: Settlement) -> None:
    """Compute every share again from the figures that are told with it."""
    for cost in settlement.costs:
        assert sum(part.yen for part in cost.parts) == cost.cost.yen
        for part in cost.parts:
            assert sum((share.figure for share in part.shares), Decimal(0)) == part.figure
            figures = {share.tenant: Fraction(share.figure) for share in part.shares}
            assert apportion(part.yen, figures) == {share.tenant: share.yen for share in part.shares}


@pytest.mark.parametrize("name", PRESETS)
def test_a_statement_and_the_table_show_every_figure(name: str) -> None:
    members = [{"tenant": "takamatsu", "services": ["<b>点数</b>"]}, "marugame", "naoshima"]
    plan = _plan(_preset(name), members)
    invoice = _invoice(("cloud", 1_234_567, None), ("licences", 76_543, "<b>点数</b>"))
    known = {**_known(takamatsu=USED), "kagawa": Known(950_000, {}, None, "香川県")}
    settlement = divide(invoice, plan, known)
    shares = shares_document("R8-1", invoice, plan, known, settlement)
    page = statement(shares, "takamatsu")
    own = f"{settlement.yen_by_tenant().get('takamatsu', 0):,}円"
    for words in ("負担金明細書", own, "1,311,110円", "令和8年4月1日から令和9年3月31日まで", "size: A4", "未確定"):
        assert words in page
    assert "<b>" not in page
    lines = shares_csv(shares).removeprefix("\ufeff").splitlines()
    assert len(lines) == 1 + sum(len(part.shares) for cost in settlement.costs for part in cost.parts)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"members": [{"tenant": "a"}, {"tenant": "a"}]}, "members has a twice"),
        ({"payer": None, "rules": [{"parts": [{"by": {"key": "payer"}}]}]}, "payer must be named"),
        ({"rules": []}, "rules"),
        ({"rules": [{"parts": [{"by": {"key": "use", "points": {"rain": 1}}}]}]}, "rain|points"),
        ({"rules": [{"parts": [{"by": {"key": "population", "doubling": "3"}}]}]}, "doubling"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(change: dict[str, Any], words: str) -> None:
    whole = {"title": "t", "owner": "o", "payer": "o", "members": [{"tenant": "a"}]}
    rules = [{"parts": [{"by": {"key": "equal"}}]}]
    with pytest.raises(ValueError, match=words):
        Plan.model_validate({**whole, "rules": rules, **change})
