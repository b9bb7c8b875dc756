"""All that auth keeps of a tenant, for who leaves or audits. Hashes of secrets stay here."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import select

from services.auth.domain.tenant import read_name
from services.auth.operations.auth import Auth
from services.auth.store import clients, tenants
from services.auth.store.consent_tables import consent, consent_receipt
from services.auth.store.database import transaction
from services.auth.store.openid_tables import application
from services.auth.store.provider_tables import agreement, provided_service
from services.auth.store.reach import acting
from services.auth.store.tables import device_key, hub_user, organisation, role_binding
from services.kernel.errors import NotFound
from services.kernel.identity import Principal

_OF_A_TENANT = (
    hub_user,
    organisation,
    role_binding,
    device_key,
    provided_service,
    agreement,
    consent,
    consent_receipt,
    application,
)
_SECRET = {"secret_hash", "password_hash", "key_hash", "registration_hash"}


async def export_tenant(auth: Auth, principal: Principal, name: str) -> list[bytes]:
    """Return the tenant and what belongs to it as lines of JSON, `{table, row}`. Raises NotFound, NotAllowed."""
    name = read_name(name)
    principal.require("admin", name)
    async with transaction(auth.engine, acting().also("decide")) as connection:  # clients of several tenants too
        tenant = await tenants.find(connection, name)
        if tenant is None:
            raise NotFound(f"Tenant {name} does not exist")
        granted = await clients.granted_in(connection, {name, f"{name}/#"})
        lines = [_line("tenant", asdict(tenant)), *_lines("client", (asdict(client) for client in granted))]
        for table in _OF_A_TENANT:
            rows = (await connection.execute(select(table).where(table.c.tenant == name))).mappings().all()
            lines += _lines(table.name, map(dict, rows))
    return lines


def _lines(table: str, rows: Iterable[Mapping[str, Any]]) -> list[bytes]:
    return [_line(table, row) for row in rows]


def _line(table: str, row: Mapping[str, Any]) -> bytes:
    shown = {str(name): value for name, value in row.items() if name not in _SECRET}
    return orjson.dumps({"table": table, "row": shown}) + b"\n"
