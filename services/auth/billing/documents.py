"""A settlement as a document: everything that it takes to check it, as it is answered, kept and printed."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

from services.auth.billing.invoice import Invoice
from services.auth.billing.plan import Head, Part, Plan
from services.auth.billing.shares import Known, Settlement


class ShareJson(BaseModel):
    """One member's part of a cost: `yen` = the part's yen × `figure` ÷ the part's `figure`, rounded to add up."""

    tenant: str
    figure: str = Field(description="What it was divided by: the key's figure × days", examples=["152388540"])
    days: int = Field(description="Days on which it took part")
    yen: int
    borne_by: str = Field(description="Who bears it; the payer where the member is free")


class PartJson(BaseModel):
    """A part of a cost as it was divided."""

    part: Part
    yen: int
    figure: str = Field(description="Sum of the figures")
    is_fallback: bool = Field(description="Nobody had a figure: the payer bears it, else all the same")
    shares: list[ShareJson]


class CostJson(BaseModel):
    """A cost as it was divided."""

    title: str
    head: Head
    service: str | None
    yen: int
    parts: list[PartJson]


class FiguresJson(BaseModel):
    """What was known of a tenant."""

    title: str | None
    population: int | None
    use: dict[str, int] = Field(description="Sums over the period; of a stock the sum of its days")
    billing_party: str | None


class SharesJson(BaseModel):
    """An invoice divided, with all figures that it was divided by."""

    number: str
    title: str
    since: date
    until: date
    yen: int = Field(description="What all costs come to, and all shares too")
    settled_at: datetime | None = Field(description="When it was settled; null: still a draft")
    by_tenant: dict[str, int] = Field(description="Yen that each bears")
    by_party: dict[str, int] = Field(description="Yen that each billing party pays")
    costs: list[CostJson]
    figures: dict[str, FiguresJson]
    plan: Plan

    def name_of(self, tenant: str) -> str:
        """Return the Japanese name of a tenant, or its name in the hub."""
        known = self.figures.get(tenant)
        return (known.title if known is not None else None) or tenant


def shares_document(
    number: str, invoice: Invoice, plan: Plan, known: Mapping[str, Known], settlement: Settlement
) -> SharesJson:
    """Write a settlement."""
    document: dict[str, Any] = {
        "number": number,
        "title": invoice.title,
        "since": invoice.since,
        "until": invoice.until,
        "yen": invoice.yen,
        "settled_at": None,
        "by_tenant": settlement.yen_by_tenant(),
        "by_party": settlement.yen_by_party(),
        "costs": [
            {**cost.cost.model_dump(), "parts": [_part(part) for part in cost.parts]} for cost in settlement.costs
        ],
        "figures": {
            name: {
                "title": each.title,
                "population": each.population,
                "use": dict(each.use),
                "billing_party": each.billing_party,
            }
            for name, each in sorted(known.items())
        },
        "plan": plan.model_dump(),
    }
    return SharesJson.model_validate(document)


def _part(part: Any) -> dict[str, Any]:
    shares = [
        {
            "tenant": share.tenant,
            "figure": plain(share.figure),
            "days": share.days,
            "yen": share.yen,
            "borne_by": share.borne_by,
        }
        for share in part.shares
    ]
    figures = {"yen": part.yen, "figure": plain(part.figure), "is_fallback": part.is_fallback}
    return {"part": part.part.model_dump(), "shares": shares, **figures}


def plain(figure: Decimal) -> str:
    """Write a figure without an exponent and without zeros at its end."""
    text = f"{figure:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
