"""Callers as every face of the catalogue has them: with their grants as they hold in the tree of tenants."""

import dataclasses

from services.catalog.domain.audience import PUBLIC, Audience, audience_of
from services.catalog.domain.editor import Editor
from services.catalog.operations.catalogue import Catalogue
from services.kernel.identity import OPEN, Principal
from services.kernel.tenancy.callers import in_all_tenants, in_tenants


async def audience_for(catalogue: Catalogue, principal: Principal | None) -> Audience:
    """Return what a caller may see, None being a visitor. A grant over a subtree counts as far as tenants let it."""
    return PUBLIC if principal is None else audience_of(await in_all_tenants(catalogue.tenants, principal))


async def editor_in(catalogue: Catalogue, editor: Editor, tenant: str) -> Editor:
    """Return an editor with its grants as they hold in a tenant, held against what the tenant asks beyond them."""
    if editor.principal is OPEN:
        return editor
    principal = await in_tenants(catalogue.tenants, editor.principal, (tenant,), catalogue.clock())
    return dataclasses.replace(editor, principal=principal)
