"""Open data: what a tenant lets everybody read, without a token, as auth's feed of tenants tells it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from services.kernel.errors import NotAuthenticated, UnknownTenant
from services.kernel.identity.grant import Grant
from services.kernel.identity.principal import Principal
from services.kernel.identity.verifier import TokenVerifier
from services.kernel.tenancy.directory import TenantDirectory
from services.kernel.tenancy.names import name_in_headers
from services.kernel.tenancy.tenant import Tenant

EVERYBODY: Final = "anonymous"
"""The client that a caller without a token counts as."""


def open_grants(tenant: Tenant) -> tuple[Grant, ...]:
    """Return everybody's grants in a tenant: to read what it opens to all."""
    parts = tenant.details.get("open_data")
    if not isinstance(parts, list):
        return ()
    return tuple(Grant.of({**part, "tenant": tenant.name, "actions": ("read",)}) for part in parts)


async def identified_reader(verifier: TokenVerifier, tenants: TenantDirectory, headers: Mapping[str, str]) -> Principal:
    """Return who reads; without a token, everybody with what the tenant that the headers name opens to all.

    Raises NotAuthenticated, Unavailable, InvalidRequest.
    """
    authorization = headers.get("authorization")
    try:
        return await verifier.identify(authorization)
    except NotAuthenticated as refusal:
        if authorization is not None:
            raise
        return await everybody(tenants, name_in_headers(headers), refusal)


async def everybody(tenants: TenantDirectory, name: str, refusal: NotAuthenticated) -> Principal:
    """Return who calls without a token, with what a tenant opens to all. Raises the refusal where it opens nothing."""
    try:
        tenant = await tenants.find(name)
    except UnknownTenant:
        raise refusal from None
    grants = open_grants(tenant)
    if not grants:
        raise refusal
    return _everybody_with(grants)


def with_open_data(principal: Principal, tenant: Tenant) -> Principal:
    """Return a caller that may read what a tenant opens to all, beside what its own grants reach."""
    grants = open_grants(tenant)
    return replace(principal, grants=tuple(dict.fromkeys((*principal.grants, *grants)))) if grants else principal


@lru_cache(maxsize=2048)
def _everybody_with(grants: tuple[Grant, ...]) -> Principal:
    """Return the same caller for the same grants, so that what is remembered of callers holds for everybody too."""
    return Principal(EVERYBODY, EVERYBODY, grants)
