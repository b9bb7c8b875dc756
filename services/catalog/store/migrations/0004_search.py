"""Ranking by field and freshness; which rules a row's search columns were made with."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ENDS = {"title_end": "titles", "labels_end": "labels", "prose_end": "prose"}


def upgrade() -> None:
    for name, part in _ENDS.items():
        end = f"End of the {part} in document"
        op.add_column("dataset", sa.Column(name, sa.Integer, nullable=False, server_default=sa.text("0"), comment=end))
    fresh_at = sa.Column("fresh_at", sa.DateTime(timezone=True), comment="When the data last changed")
    op.add_column("dataset", fresh_at)
    op.execute("update dataset set fresh_at = updated_at")
    op.alter_column("dataset", "fresh_at", nullable=False)
    rules = sa.Column(
        "analysed_as",
        sa.Text,
        nullable=False,
        server_default=sa.text("''"),
        comment="Rules and publisher's titles that the search columns are made with",
    )
    op.add_column("dataset", rules)
    op.create_index("dataset_fresh", "dataset", ["fresh_at"])
    op.alter_column("dataset", "terms", comment="Its characters and their pairs; the titles' marked")
    op.alter_column("dataset", "document", comment="Normalised text: titles, labels, prose, names of columns")
    op.execute("alter table dataset alter terms set statistics 1000")
