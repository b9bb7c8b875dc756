"""A cost-sharing plan: who takes part, and by which keys each kind of cost is divided."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.kernel.metering import Kind

Head = Literal["cloud", "operation", "licences"]
HEADS: Final[Mapping[Head, str]] = {"cloud": "クラウド利用料", "operation": "運用保守費", "licences": "ライセンス料"}
TenantName = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[a-z0-9_][a-z0-9_-]*$")]
ServiceName = Annotated[str, Field(min_length=1, max_length=100)]
MOST_MEMBERS: Final = 2000


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Equal(_Value):
    """均等割: the same for each."""

    key: Literal["equal"] = "equal"


class Population(_Value):
    """人口割: by inhabitants. `doubling` tapers: with 1.5, twice the inhabitants pay one and a half times as much."""

    key: Literal["population"] = "population"
    doubling: Decimal = Field(Decimal(2), gt=1, le=2, max_digits=6, description="2: in proportion; 1.5: as HARP does")


class Use(_Value):
    """利用実績割: by measured use. `points` says how much one of a kind counts; stocks count for each day."""

    key: Literal["use"] = "use"
    points: Mapping[Kind, Annotated[int, Field(gt=0, le=10**9)]] = Field(
        {"interactive": 1, "batch": 1}, min_length=1, description="Points of one unit of each kind of use"
    )


class Payer(_Value):
    """The plan's payer bears it."""

    key: Literal["payer"] = "payer"


Key = Annotated[Equal | Population | Use | Payer, Field(discriminator="key")]


class Part(_Value):
    """A part of a cost, in proportion to the weights of all its parts, divided by a key.

    `among` are all members, or those that use: the hub in the period, or, for the cost of a chosen service, those that
    have chosen it. With `free_until_used` the payer bears the shares of members that have not used the hub yet.
    """

    weight: int = Field(1, gt=0, le=10**6)
    by: Key
    among: Literal["members", "users"] = "members"
    free_until_used: bool = False


class Rule(_Value):
    """How some costs are divided: those of some heads, of the hub itself or of chosen services."""

    heads: Sequence[Head] = Field((), max_length=3, description="None: all")
    of: Literal["hub", "services", "all"] = "all"
    parts: Sequence[Part] = Field(min_length=1, max_length=10)

    def concerns(self, head: Head, service: str | None) -> bool:
        """Tell whether a cost is divided so."""
        is_of = self.of == "all" or (self.of == "services") == (service is not None)
        return is_of and (not self.heads or head in self.heads)


class Member(_Value):
    """Who takes part, from when to when, and which services it has chosen. It pays for its days."""

    tenant: TenantName
    since: date | None = None
    until: date | None = Field(None, description="Its last day")
    services: Sequence[ServiceName] = Field((), max_length=100)

    def days_in(self, first: date, last: date) -> int:
        """Return on how many days of a period it takes part."""
        begin = max(first, self.since or first)
        end = min(last, self.until or last)
        return max(0, (end - begin).days + 1)


class Plan(_Value):
    """Who bears which part of what. The first rule that concerns a cost divides it."""

    title: str = Field(min_length=1, max_length=200)
    owner: TenantName = Field(description="Tenant whose administrators keep the plan")
    payer: TenantName | None = Field(None, description="Who bears what no member bears, as a prefecture does")
    members: Sequence[Member] = Field(min_length=1, max_length=MOST_MEMBERS)
    rules: Sequence[Rule] = Field(min_length=1, max_length=20)

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> "Plan":
        names = [member.tenant for member in self.members]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(f"members has {twice} twice")
        parts = [part for rule in self.rules for part in rule.parts]
        if self.payer is None and any(part.by.key == "payer" or part.free_until_used for part in parts):
            raise ValueError("payer must be named, for a rule lets it pay")
        return self

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of use that its keys ask for."""
        keys = [part.by for rule in self.rules for part in rule.parts]
        return tuple(dict.fromkeys(kind for key in keys if isinstance(key, Use) for kind in key.points))

    @property
    def names(self) -> tuple[str, ...]:
        """The tenants that may have to pay by it."""
        return tuple(dict.fromkeys([*(member.tenant for member in self.members), *filter(None, [self.payer])]))
