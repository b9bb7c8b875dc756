"""Plans by which costs are shared, and the invoices."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table cost_plan (
    name text primary key,
    owner text not null,
    document jsonb not null,
    modified_at timestamptz not null default now()
)
""",
    """
create table cost_invoice (
    number text primary key,
    plan text not null references cost_plan,
    since date not null,
    document jsonb not null,
    modified_at timestamptz not null default now(),
    settled_at timestamptz,
    settlement jsonb
)
""",
    "create index cost_invoice_plan on cost_invoice (plan, since)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
