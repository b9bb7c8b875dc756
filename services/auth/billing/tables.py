"""The tables of cost sharing, in the schema `auth`."""

from sqlalchemy import Column, Date, DateTime, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from services.auth.store.tables import metadata

_now = text("now()")

cost_plan = Table(
    "cost_plan",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("modified_at", DateTime(timezone=True), nullable=False, server_default=_now),
)
"""Who bears which part of what."""

cost_invoice = Table(
    "cost_invoice",
    metadata,
    Column("number", Text, primary_key=True),
    Column("plan", Text, ForeignKey("cost_plan.name"), nullable=False),
    Column("since", Date, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("modified_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("settled_at", DateTime(timezone=True)),
    Column("settlement", JSONB),
    Index("cost_invoice_plan", "plan", "since"),
)
"""What is to be shared; once settled, the shares with the plan and every figure as they were then."""
