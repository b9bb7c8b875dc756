"""Data sets and their distributions."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0001"
down_revision = None

_NO_TEXTS = sa.text("'{}'")
_NO_JSON = sa.text("'{}'::jsonb")


def upgrade() -> None:
    op.create_table(
        "tenant",
        sa.Column("tenant_id", sa.Integer, sa.Identity(always=True), primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("status", sa.Text, nullable=False, server_default=sa.text("'active'")),
        sa.Column("details", JSONB, nullable=False, server_default=_NO_TEXTS),
        sa.Column("feed_position", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    )
    op.create_table("dataset", *_content(), *_knowledge(), *_index(), *_rules())
    op.create_index("dataset_order", "dataset", ["created_at", "dataset_id"])
    op.create_index("dataset_modified", "dataset", ["updated_at"])
    for name in ("terms", "tags", "themes", "formats"):
        op.create_index(f"dataset_{name}", "dataset", [name], postgresql_using="gin")
    op.create_table(
        "distribution",
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), nullable=False),
        sa.Column("dataset_id", sa.Uuid, sa.ForeignKey("dataset.dataset_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("distribution_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("format", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("access_url", sa.Text, nullable=False),
        sa.Column("download_url", sa.Text, nullable=False),
        sa.Column("fields", JSONB, nullable=False, server_default=_NO_JSON),
        sa.UniqueConstraint("distribution_id", name="distribution_id_key"),
    )


def _content() -> list[sa.Column[Any]]:
    return [
        sa.Column("dataset_id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False, comment="In addresses; never changes"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default=sa.text("'published'")),
        sa.Column("withdrawn_because", sa.Text),
        sa.Column("access", sa.Text, nullable=False, server_default=sa.text("'public'")),
        sa.Column("titles", JSONB, nullable=False),
        sa.Column("descriptions", JSONB, nullable=False),
        sa.Column("licence", sa.Text, nullable=False),
        sa.Column("licence_text", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("themes", ARRAY(sa.Text), nullable=False, server_default=_NO_TEXTS),
        sa.Column("keywords", ARRAY(sa.Text), nullable=False, server_default=_NO_TEXTS),
        sa.Column("languages", ARRAY(sa.Text), nullable=False, server_default=_NO_TEXTS),
        sa.Column("spatial", sa.Text),
        sa.Column("frequency", sa.Text),
        sa.Column("issued", sa.Text),
        sa.Column("modified", sa.Text),
        sa.Column("contact", JSONB),
        sa.Column("landing_page", sa.Text),
        sa.Column("extras", JSONB, nullable=False, server_default=_NO_JSON),
    ]


def _knowledge() -> list[sa.Column[Any]]:
    return [
        sa.Column("source", sa.Text, comment="Which list the entry comes from"),
        sa.Column("source_key", sa.Text, comment="Hash of the entry's address and name in the list"),
        sa.Column("source_url", sa.Text),
        sa.Column("source_name", sa.Text),
        sa.Column(
            "edited",
            ARRAY(sa.Text),
            nullable=False,
            server_default=_NO_TEXTS,
            comment="Set by hand: sources leave it",
        ),
        sa.Column("entity_type", sa.Text, comment="Full name of the live type"),
        sa.Column("type_name", sa.Text),
        sa.Column("attributes", ARRAY(sa.Text)),
        sa.Column("entity_count", sa.BigInteger),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    ]


def _index() -> list[sa.Column[Any]]:
    return [
        sa.Column("tags", ARRAY(sa.Text), nullable=False, comment="Keywords in CKAN's alphabet"),
        sa.Column("formats", ARRAY(sa.Text), nullable=False, comment="Folded formats of all distributions"),
        sa.Column("heading", sa.Text, nullable=False, comment="Normalised titles and name, for ranking"),
        sa.Column("document", sa.Text, nullable=False, comment="Normalised text, for verification"),
        sa.Column("terms", ARRAY(sa.Text), nullable=False, comment="Its characters and pairs of characters"),
    ]


def _rules() -> list[sa.Constraint]:
    return [
        sa.UniqueConstraint("name", name="dataset_name_key"),
        sa.UniqueConstraint("tenant_id", "source", "source_key", name="dataset_source_key"),
        sa.UniqueConstraint("tenant_id", "entity_type", name="dataset_entity_type_key"),
        sa.CheckConstraint("kind in ('file', 'live')", name="dataset_kind_check"),
        sa.CheckConstraint("state in ('published', 'withdrawn')", name="dataset_state_check"),
        sa.CheckConstraint("access in ('public', 'restricted')", name="dataset_access_check"),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_because is not null)"
            " and withdrawn_because in ('publisher', 'vanished') is not false",
            name="dataset_withdrawal_check",
        ),
        sa.CheckConstraint("(kind = 'live') = (entity_type is not null)", name="dataset_live_check"),
    ]
