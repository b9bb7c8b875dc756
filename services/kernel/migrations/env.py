"""Alembic's environment: runs inside the connection that `migrate` hands over."""

from alembic import context

_config = context.config
_service = _config.attributes["service"]
context.configure(
    connection=_config.attributes["connection"],
    version_table_schema=_service,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
