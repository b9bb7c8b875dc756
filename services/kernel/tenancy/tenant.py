"""A tenant as the services know it, and the table in which each keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, Column, Identity, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from services.kernel.errors import UnknownTenant
from services.kernel.identity.rules import Rules


@dataclass(frozen=True, slots=True)
class Tenant:
    """A municipality (or prefecture, or association) as the services know it.

    `details` is the tenant as auth's change feed told it: `title`, `parent`, `kind`, `code`, `quotas`, `retention`.
    `rules` is what it asks of callers beyond grants, None where it asks nothing.
    """

    tenant_id: int
    name: str
    status: str = "active"
    default_context: str | None = None
    details: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)
    rules: Rules | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of_row(cls, row: Mapping[str, object]) -> "Tenant":
        """Make the value of a row with `tenant_id`, `name`, `status` and `details`."""
        details = row["details"]
        assert isinstance(details, dict)
        return cls(
            tenant_id=int(str(row["tenant_id"])),
            name=str(row["name"]),
            status=str(row["status"]),
            default_context=details.get("default_context"),
            details=details,
            rules=Rules.of(details),
        )

    def require_usable(self) -> "Tenant":
        """Return the tenant if requests may use it. Raises UnknownTenant."""
        if self.status != "active":
            words = "being deleted" if self.status == "deleting" else self.status
            raise UnknownTenant(f"Tenant {self.name} is {words}", field="Fiware-Service")
        return self


def tenant_table(metadata: MetaData) -> Table:
    """Declare a service's projection of auth's tenants in its own schema."""
    return Table(
        "tenant",
        metadata,
        Column("tenant_id", Integer, Identity(always=True), primary_key=True),
        Column("name", Text, nullable=False, unique=True),
        Column("status", Text, nullable=False, server_default=text("'active'")),
        Column("details", JSONB, nullable=False, server_default=text("'{}'")),
        Column("feed_position", BigInteger, nullable=False, server_default=text("0")),
    )
