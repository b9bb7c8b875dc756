"""Harvests: sources, records, runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"

_NOTHING = sa.text("''")


def upgrade() -> None:
    op.create_table(
        "harvest_source",
        sa.Column("source_id", sa.Integer, sa.Identity(always=True), primary_key=True),
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("protocol", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False, server_default=sa.text("'/'")),
        sa.Column("every_s", sa.Integer),
        sa.Column("query", sa.Text, nullable=False, server_default=_NOTHING),
        sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'published'")),
        sa.Column("access", sa.Text, nullable=False, server_default=sa.text("'public'")),
        sa.Column("is_enabled", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("next_at", sa.DateTime(timezone=True), comment="When it is read next"),
        sa.Column("leased_until", sa.DateTime(timezone=True), comment="Until when one replica reads it"),
        sa.Column("leased_by", sa.Text, nullable=False, server_default=_NOTHING),
        sa.Column("created_by", sa.Text, nullable=False, server_default=_NOTHING),
        sa.UniqueConstraint("tenant_id", "name", name="harvest_source_name_key"),
    )
    _create_records()
    _create_runs()


def _create_records() -> None:
    op.create_table(
        "harvest_record",
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), nullable=False),
        sa.Column(
            "source_id", sa.Integer, sa.ForeignKey("harvest_source.source_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("remote_id", sa.Text, primary_key=True),
        sa.Column("uri", sa.Text, nullable=False, server_default=_NOTHING),
        sa.Column("dataset_id", sa.Uuid, sa.ForeignKey("dataset.dataset_id", ondelete="SET NULL")),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("run_id", sa.BigInteger, nullable=False, comment="The run that last saw it"),
        sa.Column("is_gone", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("error", sa.Text, nullable=False, server_default=_NOTHING),
    )
    op.create_index("harvest_record_uri", "harvest_record", ["tenant_id", "uri"])
    op.create_index("harvest_record_dataset", "harvest_record", ["dataset_id"])


def _create_runs() -> None:
    op.create_table(
        "harvest_run",
        sa.Column("run_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), nullable=False),
        sa.Column(
            "source_id", sa.Integer, sa.ForeignKey("harvest_source.source_id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("note", sa.Text, nullable=False, server_default=_NOTHING),
        sa.Column("counts", JSONB, nullable=False),
        sa.Column("errors", JSONB, nullable=False, comment="The first hundred: remote_id and message"),
        sa.Column("place", sa.Text, nullable=False, server_default=_NOTHING, comment="Where the next page begins"),
    )
    op.create_index("harvest_run_source", "harvest_run", ["source_id", "run_id"])
