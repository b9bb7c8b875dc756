"""An invoice: what the hub cost in a period, by the three cost heads, for the hub or for a chosen service."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.auth.billing.plan import Head, ServiceName

Yen = Annotated[int, Field(strict=True, ge=-(10**12), le=10**12, description="Whole yen, taxes included")]


class Cost(BaseModel):
    """One cost. A credit is negative."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=200, examples=["クラウド利用料 令和8年4月分"])
    head: Head = Field(description="`cloud` クラウド利用料, `operation` 運用保守, `licences` アプリライセンス")
    yen: Yen
    service: ServiceName | None = Field(None, description="The chosen service that it is for; none: the hub")


class Invoice(BaseModel):
    """What is to be shared, by which plan."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=200, examples=["令和8年度 共同利用負担金"])
    plan: str = Field(min_length=1, max_length=50, description="Name of the plan")
    since: date = Field(description="First day in Japan", examples=["2026-04-01"])
    until: date = Field(description="Last day", examples=["2027-03-31"])
    costs: Sequence[Cost] = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _refuse_backwards(self) -> "Invoice":
        if self.until < self.since or (self.until - self.since).days > 3660:
            raise ValueError("until must not be before since, nor ten years after")
        return self

    @property
    def yen(self) -> int:
        """What all its costs come to."""
        return sum(cost.yen for cost in self.costs)
