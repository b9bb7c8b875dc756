"""How tenants show themselves: read by everybody, set by who administers them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.appearance import Appearance
from services.catalog.domain.dataset import Publisher
from services.catalog.domain.editor import Editor
from services.catalog.files.emblem import drawn_anew
from services.catalog.operations.callers import editor_in
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store import appearances
from services.catalog.store.publishers import publisher, tenant_id_of
from services.catalog.store.session import reading, writing
from services.kernel.tenancy.tenant import Tenant


async def find_publisher(catalogue: Catalogue, tenant: str) -> Publisher | None:
    """Return a tenant as it shows itself, None for one that is not known."""
    async with reading(catalogue.engine) as connection:
        tenant_id = await tenant_id_of(connection, tenant)
        return None if tenant_id is None else await publisher(connection, tenant_id)


async def require_administrator(catalogue: Catalogue, editor: Editor) -> None:
    """Refuse unless the caller administers the tenant that it names. Raises NotAllowed."""
    tenant = editor.tenant or ""
    (await editor_in(catalogue, editor, tenant)).principal.require("admin", tenant)


async def change_appearance(catalogue: Catalogue, editor: Editor, appearance: Appearance) -> Publisher:
    """Say all of a tenant anew; its emblem stays. Raises NotAllowed."""
    async with _changing(catalogue, editor) as (connection, tenant):
        change = (catalogue.clock(), editor.principal.subject)
        await appearances.store_appearance(connection, tenant.tenant_id, appearance, change)
        return await publisher(connection, tenant.tenant_id)


async def change_emblem(catalogue: Catalogue, editor: Editor, sent: bytes | None) -> Publisher:
    """Show the picture that was sent as a tenant's emblem, or none. Raises NotAllowed, InvalidRequest, TooLarge."""
    await require_administrator(catalogue, editor)
    emblem = None if sent is None else await asyncio.to_thread(drawn_anew, sent)
    async with _changing(catalogue, editor) as (connection, tenant):
        change = (catalogue.clock(), editor.principal.subject)
        await appearances.store_emblem(connection, tenant.tenant_id, emblem, change)
        return await publisher(connection, tenant.tenant_id)


async def remove_appearance(catalogue: Catalogue, editor: Editor) -> None:
    """Show a tenant as auth knows it, without an emblem. Raises NotAllowed."""
    async with _changing(catalogue, editor) as (connection, tenant):
        await appearances.remove_appearance(connection, tenant.tenant_id)


@asynccontextmanager
async def _changing(catalogue: Catalogue, editor: Editor) -> AsyncIterator[tuple[AsyncConnection, Tenant]]:
    await require_administrator(catalogue, editor)
    tenant = await catalogue.tenants.find_or_create(editor.tenant or "")
    async with writing(catalogue.engine) as connection:
        yield connection, tenant
