"""Use cases of device keys: made by who administers the tenant, exchanged for tokens by whoever holds one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.access import administered, read_grants
from services.auth.domain.device_key import DEVICE_KEYS, DeviceKey
from services.auth.domain.key_text import check_end, hash_of
from services.auth.domain.tenant import read_name
from services.auth.domain.title import read_title
from services.auth.operations.auth import Auth
from services.auth.operations.key_exchange import KeysOf, exchange
from services.auth.store import device_keys, policy_changes, tenants
from services.auth.store.database import transaction
from services.auth.store.tables import device_key
from services.auth.tokens.access_token import AccessToken, Bearer
from services.kernel.errors import BadData, NotAllowed, NotFound
from services.kernel.identity import Grant, Principal
from services.kernel.paging import Page

DEVICE_ACTIONS = ("read", "write", "subscribe", "register", "provision", "publish")


@dataclass(frozen=True, slots=True)
class NewKey:
    """What is told of a key to be. Its grants all lie in its tenant."""

    tenant: str
    grants: tuple[Grant, ...]
    title: str | None = None
    expires_at: datetime | None = None


async def create_key(auth: Auth, principal: Principal, new: NewKey) -> tuple[DeviceKey, str]:
    """Make a key; return it with its text, shown this once. Raises BadData, NotAllowed."""
    tenant = read_name(new.tenant, "tenant")
    principal.require("admin", tenant)
    grants = read_grants(new.grants)
    _refuse_wide(grants, tenant)
    now = auth.clock()
    check_end(new.expires_at, now)
    title = None if new.title is None else read_title(new.title, "title")
    key_id, text = DEVICE_KEYS.new()
    key = DeviceKey(key_id, hash_of(text), tenant, principal.subject, title, grants=grants, expires_at=new.expires_at)
    async with transaction(auth.engine) as connection:
        if await tenants.unknown_names(connection, {tenant}):
            raise BadData(f"Tenant {tenant} does not exist", field="tenant")
        return await device_keys.add(connection, key, now), text


async def list_keys(auth: Auth, principal: Principal, part: Page) -> tuple[list[DeviceKey], int]:
    """Return one page of the keys of tenants that the caller administers. Raises NotAllowed."""
    async with transaction(auth.engine) as connection:
        return await device_keys.page(connection, administered(principal), part)


async def revoke_key(auth: Auth, principal: Principal, key_id: str) -> None:
    """End a key in every service within a second. Raises NotFound, also for one that the caller may not administer."""
    reach = administered(principal)
    async with transaction(auth.engine) as connection:
        key = await device_keys.find(connection, key_id)
        if key is None or not reach & {"*", key.tenant}:
            raise NotFound(f"Device key {key_id} does not exist")
        await device_keys.revoke(connection, key_id)
        await policy_changes.outdate(connection, key.subject, auth.clock())


async def exchange_key(auth: Auth, text: str) -> AccessToken:
    """Give who holds a key a token with its grants. Raises NotAuthenticated, TooMany."""
    return await exchange(auth, _KEYS, text)


async def _bearer_of(connection: AsyncConnection, key: DeviceKey, now: datetime) -> Bearer | None:
    tenant = await tenants.find(connection, key.tenant)
    if tenant is None or tenant.status != "active":
        return None
    return Bearer(key.subject, key.subject, key.grants)


_KEYS = KeysOf("device key", DEVICE_KEYS, device_key, device_keys.find, _bearer_of)


def _refuse_wide(grants: tuple[Grant, ...], tenant: str) -> None:
    for position, grant in enumerate(grants):
        if grant.tenant != tenant:
            raise NotAllowed(
                f"A device key's grants all lie in its tenant, {tenant}", field=f"grants.{position}.tenant"
            )
        if not set(grant.actions) <= set(DEVICE_ACTIONS):
            allowed = ", ".join(DEVICE_ACTIONS)
            raise BadData(f"A device key may be granted {allowed}", field=f"grants.{position}.actions")
