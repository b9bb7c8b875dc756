"""Use cases of device keys: made by who administers the tenant, exchanged for tokens by whoever holds one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.auth.domain.access import administered, read_grants
from services.auth.domain.device_key import DEVICE_KEYS, DeviceKey
from services.auth.domain.key_text import hash_of, is_right
from services.auth.domain.tenant import read_name
from services.auth.domain.title import read_title
from services.auth.operations.auth import Auth
from services.auth.store import device_keys, policy_changes, tenants
from services.auth.store.database import transaction
from services.auth.store.reach import NOTHING
from services.auth.tokens.access_token import AccessToken, Bearer, sign
from services.kernel.errors import BadData, NotAllowed, NotAuthenticated, NotFound
from services.kernel.identity import Grant, Principal
from services.kernel.paging import Page

DEVICE_ACTIONS = ("read", "write", "subscribe", "register", "provision", "publish")
LONGEST_LIFE = timedelta(days=1830)


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
    if new.expires_at is not None and not now < new.expires_at <= now + LONGEST_LIFE:
        raise BadData("expires_at must lie in the future, at most five years from now", field="expires_at")
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
    key_id = DEVICE_KEYS.id_of(text)
    if key_id is None:
        raise NotAuthenticated("The device key is not valid")
    auth.attempts.check(key_id)
    now = auth.clock()
    async with transaction(auth.engine, NOTHING.also("identify")) as connection:
        revision = await policy_changes.position(connection)
        key = await device_keys.find(connection, key_id)
        if key is None or not is_right(key.key_hash, text):
            auth.attempts.note_wrong(key_id)
            raise NotAuthenticated("The device key is not valid")
        tenant = await tenants.find(connection, key.tenant)
        if not key.is_valid(now) or tenant is None or tenant.status != "active":
            raise NotAuthenticated("The device key is not valid")
        await device_keys.note_use(connection, key_id, now)
    life_s = auth.issuer.token_life_s
    if key.expires_at is not None:
        life_s = max(1, min(life_s, int((key.expires_at - now).total_seconds())))
    bearer = Bearer(key.subject, key.subject, key.grants, revision)
    return sign(auth.issuer.living(life_s), bearer, await auth.keys.signer(), now)


def _refuse_wide(grants: tuple[Grant, ...], tenant: str) -> None:
    for position, grant in enumerate(grants):
        if grant.tenant != tenant:
            raise NotAllowed(
                f"A device key's grants all lie in its tenant, {tenant}", field=f"grants.{position}.tenant"
            )
        if not set(grant.actions) <= set(DEVICE_ACTIONS):
            allowed = ", ".join(DEVICE_ACTIONS)
            raise BadData(f"A device key may be granted {allowed}", field=f"grants.{position}.actions")
