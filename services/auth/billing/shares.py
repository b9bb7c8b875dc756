"""Shares: each cost of an invoice divided by its rule, with every figure that it was divided by."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Final

from services.auth.billing.apportion import apportion
from services.auth.billing.invoice import Cost, Invoice
from services.auth.billing.plan import Equal, Key, Member, Part, Payer, Plan, Population, Rule, Use
from services.kernel.errors import BadData

USES: Final = ("interactive", "batch", "mqtt_measures", "http_measures")
"""A member that has any of these in the period uses the hub."""
_DIGITS: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a tenant: inhabitants, its use in the period by kind, who pays for it."""

    population: int | None = None
    use: Mapping[str, int] = field(default_factory=dict)
    billing_party: str | None = None
    title: str | None = None

    @property
    def is_user(self) -> bool:
        """Tell whether it used the hub."""
        return any(self.use.get(kind, 0) for kind in USES)


@dataclass(frozen=True, slots=True)
class Share:
    """What one member's part of a cost is and who bears it. `figure` is what it was divided by: the key's × days."""

    tenant: str
    figure: Decimal
    days: int
    yen: int
    borne_by: str


@dataclass(frozen=True, slots=True)
class PartShares:
    """A part of a cost as it was divided. `is_fallback`: nobody had a figure, so it went to the payer or to all."""

    part: Part
    yen: int
    figure: Decimal
    shares: Sequence[Share]
    is_fallback: bool = False


@dataclass(frozen=True, slots=True)
class CostShares:
    """A cost with its parts."""

    cost: Cost
    parts: Sequence[PartShares]


@dataclass(frozen=True, slots=True)
class Settlement:
    """An invoice divided."""

    costs: Sequence[CostShares]
    parties: Mapping[str, str]
    """Who pays for a tenant, where it is another."""

    def yen_by_tenant(self) -> dict[str, int]:
        """Return what each tenant bears; it adds up to the invoice."""
        sums: Counter[str] = Counter()
        for share in (each for cost in self.costs for part in cost.parts for each in part.shares):
            sums[share.borne_by] += share.yen
        return dict(sorted(sums.items()))

    def yen_by_party(self) -> dict[str, int]:
        """Return what each billing party pays, for itself and for others."""
        sums: Counter[str] = Counter()
        for tenant, yen in self.yen_by_tenant().items():
            sums[self.parties.get(tenant, tenant)] += yen
        return dict(sorted(sums.items()))


def divide(invoice: Invoice, plan: Plan, known: Mapping[str, Known]) -> Settlement:
    """Divide every cost of an invoice. Raises BadData where no rule concerns a cost, or a figure is not known."""
    present = {member.tenant: member for member in plan.members if member.days_in(invoice.since, invoice.until)}
    if not present and plan.payer is None:
        raise BadData("No member takes part in the period of the invoice", field="members")
    division = _Division(invoice, plan, known, present)
    costs = [division.cost_shares(number, cost) for number, cost in enumerate(invoice.costs)]
    parties = {name: each.billing_party for name, each in known.items() if each.billing_party}
    return Settlement(costs, parties)


@dataclass(frozen=True, slots=True)
class _Division:
    invoice: Invoice
    plan: Plan
    known: Mapping[str, Known]
    members: Mapping[str, Member]

    def cost_shares(self, number: int, cost: Cost) -> CostShares:
        rule = self._rule(number, cost)
        weights = {place: part.weight for place, part in enumerate(rule.parts)}
        amounts = apportion(cost.yen, weights)
        return CostShares(
            cost, [self._part_shares(part, amounts[place], cost) for place, part in enumerate(rule.parts)]
        )

    def _rule(self, number: int, cost: Cost) -> Rule:
        for rule in self.plan.rules:
            if rule.concerns(cost.head, cost.service):
                return rule
        of = f"service {cost.service}" if cost.service else "the hub"
        raise BadData(f"The plan has no rule for {cost.head} of {of}", field=f"costs.{number}")

    def _part_shares(self, part: Part, yen: int, cost: Cost) -> PartShares:
        names = self._participants(part, cost)
        figures = {} if isinstance(part.by, Payer) else {name: self._figure(part.by, name) for name in names}
        if any(figures.values()):
            return self._divided(part, yen, figures)
        if self.plan.payer is not None:
            share = Share(self.plan.payer, Decimal(1), self._days, yen, self.plan.payer)
            return PartShares(part, yen, Decimal(1), [share], is_fallback=not isinstance(part.by, Payer))
        equal = {name: self._figure(Equal(), name) for name in self.members}
        divided = self._divided(part, yen, equal)
        return PartShares(part, yen, divided.figure, divided.shares, is_fallback=True)

    def _divided(self, part: Part, yen: int, figures: Mapping[str, Decimal]) -> PartShares:
        amounts = apportion(yen, {name: Fraction(figure) for name, figure in figures.items()})
        first, last = self.invoice.since, self.invoice.until
        shares = [
            Share(name, figures[name], self.members[name].days_in(first, last), amounts[name], self._bearer(part, name))
            for name in sorted(figures)
        ]
        return PartShares(part, yen, sum(figures.values(), Decimal(0)), shares)

    @property
    def _days(self) -> int:
        return (self.invoice.until - self.invoice.since).days + 1

    def _participants(self, part: Part, cost: Cost) -> list[str]:
        if part.among == "members":
            return list(self.members)
        if cost.service is not None:
            return [name for name, member in self.members.items() if cost.service in member.services]
        return [name for name in self.members if self._of(name).is_user]

    def _bearer(self, part: Part, name: str) -> str:
        is_free = part.free_until_used and not self._of(name).is_user
        return self.plan.payer if is_free and self.plan.payer is not None else name

    def _of(self, name: str) -> Known:
        return self.known.get(name, Known())

    def _figure(self, key: Key, name: str) -> Decimal:
        days = self.members[name].days_in(self.invoice.since, self.invoice.until)
        known = self._of(name)
        match key:
            case Use(points=points):
                return Decimal(sum(known.use.get(kind, 0) * point for kind, point in points.items()))
            case Population(doubling=doubling):
                if known.population is None:
                    raise BadData(f"Tenant {name} has no population, by which the plan divides", field="population")
                return tapered(known.population, doubling) * days
            case _:
                return Decimal(days)


def tapered(population: int, doubling: Decimal) -> Decimal:
    """Return a figure that grows `doubling`-fold when the population doubles, to six digits behind the point."""
    if doubling == 2 or not population:
        return Decimal(population)
    with localcontext() as context:
        context.prec = 50
        exponent = doubling.ln() / Decimal(2).ln()
        return ((Decimal(population).ln() * exponent).exp()).quantize(_DIGITS, ROUND_HALF_EVEN)
