"""DCAT 3: more of a data set, its states, its versions, its unit, series and services."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0002"
down_revision = "0001"

_NO_TEXTS = sa.text("'{}'")
_NO_JSON = sa.text("'{}'::jsonb")
_NOTHING = sa.text("''")


def upgrade() -> None:
    for column in (*_content(), *_knowledge()):
        op.add_column("dataset", column)
    for column in _distribution():
        op.add_column("distribution", column)
    op.create_foreign_key("dataset_series_fkey", "dataset", "dataset", ["series"], ["name"], ondelete="SET NULL")
    _change_rules()
    op.create_index("dataset_unit", "dataset", ["tenant_id", "unit"])
    op.create_index("dataset_series", "dataset", ["series"], postgresql_where=sa.text("series is not null"))
    op.create_index("dataset_due", "dataset", ["due_at"], postgresql_where=sa.text("due_at is not null"))
    op.execute(
        "create index dataset_box on dataset using gist (box(point(box[1], box[2]), point(box[3], box[4])))"
        " where box is not null"
    )
    op.create_table(
        "dataset_version",
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), nullable=False),
        sa.Column("dataset_id", sa.Uuid, sa.ForeignKey("dataset.dataset_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False, server_default=_NOTHING),
        sa.Column("content", JSONB, nullable=False),
    )
    op.create_table(
        "unit",
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), primary_key=True),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("titles", JSONB, nullable=False),
        sa.Column("email", sa.Text, nullable=False, server_default=_NOTHING),
    )


def _content() -> list[sa.Column[Any]]:
    return [
        sa.Column("box", ARRAY(sa.Float), comment="West, south, east, north in degrees"),
        sa.Column("temporal_start", sa.Text),
        sa.Column("temporal_end", sa.Text),
        sa.Column("max_age_s", sa.BigInteger),
        sa.Column("data_class", sa.Text, nullable=False, server_default=sa.text("'none'")),
        sa.Column("policy", JSONB),
        sa.Column("provenance", JSONB, nullable=False, server_default=_NO_JSON),
        sa.Column("creator", JSONB),
        sa.Column("version_label", sa.Text, nullable=False, server_default=_NOTHING),
        sa.Column("conforms_to", ARRAY(sa.Text), nullable=False, server_default=_NO_TEXTS),
        sa.Column("documentation", ARRAY(sa.Text), nullable=False, server_default=_NO_TEXTS),
        sa.Column("sources", ARRAY(sa.Text), nullable=False, server_default=_NO_TEXTS),
        sa.Column("source_system", sa.Text, nullable=False, server_default=_NOTHING),
        sa.Column("series", sa.Text, comment="Name of its series"),
        sa.Column("endpoint_url", sa.Text),
        sa.Column("endpoint_description", sa.Text),
        sa.Column("serves", ARRAY(sa.Text), nullable=False, server_default=_NO_TEXTS),
    ]


def _knowledge() -> list[sa.Column[Any]]:
    return [
        sa.Column(
            "unit", sa.Text, nullable=False, server_default=sa.text("'/'"), comment="Service path of the department"
        ),
        sa.Column(
            "version", sa.Integer, nullable=False, server_default=sa.text("0"), comment="How often it was published"
        ),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("submitted_by", sa.Text, nullable=False, server_default=_NOTHING, comment="Who sent it to review"),
        sa.Column("due_at", sa.DateTime(timezone=True), comment="When it is late"),
        sa.Column("covers_from", sa.DateTime(timezone=True)),
        sa.Column("covers_to", sa.DateTime(timezone=True)),
    ]


def _distribution() -> list[sa.Column[Any]]:
    return [
        sa.Column("licence", sa.Text, nullable=False, server_default=_NOTHING),
        sa.Column("byte_size", sa.BigInteger),
        sa.Column("checksum", sa.Text, nullable=False, server_default=_NOTHING, comment="SHA-256, hexadecimal"),
        sa.Column("issued", sa.Text),
        sa.Column("modified", sa.Text),
        sa.Column("conforms_to", ARRAY(sa.Text), nullable=False, server_default=_NO_TEXTS),
        sa.Column("availability", sa.Text, nullable=False, server_default=_NOTHING),
    ]


def _change_rules() -> None:
    op.drop_constraint("dataset_kind_check", "dataset")
    op.drop_constraint("dataset_state_check", "dataset")
    op.create_check_constraint("dataset_kind_check", "dataset", "kind in ('file', 'live', 'series', 'service')")
    op.create_check_constraint(
        "dataset_state_check", "dataset", "state in ('draft', 'review', 'published', 'private', 'withdrawn')"
    )
    op.create_check_constraint("dataset_box_check", "dataset", "box is null or cardinality(box) = 4")
