"""What became of requests forwarded to context sources, and the FIWARE headers of those that registered."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
alter table registration
    add column fiware jsonb not null default '{}',
    add column times_sent bigint not null default 0,
    add column times_failed bigint not null default 0,
    add column last_success timestamptz,
    add column last_failure timestamptz
"""
    )
