"""Use cases of personal keys: made by people for themselves, exchanged for tokens by whatever holds one."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.access import administered
from services.auth.domain.key_text import check_end, hash_of
from services.auth.domain.personal_key import PERSONAL_KEYS, PersonalKey, carries_all, key_of
from services.auth.domain.title import read_title
from services.auth.domain.user import User
from services.auth.operations.auth import Auth
from services.auth.operations.key_exchange import KeysOf, exchange
from services.auth.operations.people import grants_now
from services.auth.store import people, personal_keys, policy_changes, tenants
from services.auth.store.database import transaction
from services.auth.store.personal_key_tables import personal_key
from services.auth.store.reach import acting
from services.auth.tokens.access_token import AccessToken, Bearer
from services.kernel.errors import BadData, Conflict, NotAllowed, NotFound
from services.kernel.identity import Principal
from services.kernel.identity.assurance import ACR_CLAIM, Assurance

MOST_KEYS = 100
_AAL = 1


async def create_key(
    auth: Auth, principal: Principal, user: str | None, title: str, expires_at: datetime | None
) -> tuple[PersonalKey, str]:
    """Make a key for the caller; return it with its text, shown this once. Raises BadData, Conflict, NotAllowed.

    `user` is the caller's identifier or login, or None. A token that an application's scope has narrowed makes none,
    since a key carries all that the person may do; a key makes none that lasts longer than itself.
    """
    title = read_title(title, "title")
    now = auth.clock()
    check_end(expires_at, now)
    async with transaction(auth.engine, acting().also("identify")) as connection:
        owner = await _owner(connection, principal, user)
        if owner.user_id != principal.subject:
            raise NotAllowed("People make personal keys for themselves alone")
        if principal.service or not carries_all(principal, await grants_now(connection, owner.user_id, now)):
            raise NotAllowed("The token carries less than its person may do: make the key on the account page of auth")
        if len(await personal_keys.of_user(connection, owner.user_id)) >= MOST_KEYS:
            raise Conflict(f"A person has at most {MOST_KEYS} personal keys")
        key_id, text = PERSONAL_KEYS.new()
        until = await _bounded(connection, principal, expires_at)
        key = PersonalKey(key_id, hash_of(text), owner.user_id, title, now, until)
        await personal_keys.add(connection, key)
    return key, text


async def list_keys(auth: Auth, principal: Principal, user: str | None) -> list[PersonalKey]:
    """Return the keys of the caller, or of somebody whom the caller administers. Raises NotFound, NotAllowed."""
    async with transaction(auth.engine, acting().also("identify")) as connection:
        owner = await _owner(connection, principal, user)
        return await personal_keys.of_user(connection, owner.user_id)


async def revoke_key(auth: Auth, principal: Principal, key_id: str) -> None:
    """End a key in every service within a second. Raises NotFound, also for one that is not the caller's to end."""
    async with transaction(auth.engine, acting().also("identify")) as connection:
        key = await personal_keys.find(connection, key_id)
        if key is None or not await _may_end(connection, principal, key):
            raise NotFound(f"Personal key {key_id} does not exist")
        await personal_keys.remove(connection, key_id)
        await policy_changes.outdate(connection, key.bearer, auth.clock())


async def exchange_key(auth: Auth, text: str) -> AccessToken:
    """Give who holds a key a token with what its person may do now. Raises NotAuthenticated, TooMany."""
    return await exchange(auth, _KEYS, text)


async def _bearer_of(connection: AsyncConnection, key: PersonalKey, now: datetime) -> Bearer | None:
    owner = await people.find(connection, key.user_id)
    if owner is None or not await _is_active(connection, owner):
        return None
    told = {"aid": key.bearer, ACR_CLAIM: Assurance(owner.ial, _AAL).acr}
    grants = await grants_now(connection, owner.user_id, now)
    return Bearer(owner.user_id, key.bearer, grants, ial=owner.ial, aal=_AAL, more=told)


_KEYS = KeysOf("personal key", PERSONAL_KEYS, personal_key, personal_keys.find, _bearer_of)


async def _owner(connection: AsyncConnection, principal: Principal, reference: str | None) -> User:
    """Return whom keys belong to: the caller, or somebody whom it administers, by identifier or login."""
    own = await people.find(connection, principal.subject)
    if own is not None and reference in (None, own.user_id, own.login):
        return own
    if reference is None:
        raise BadData("Personal keys belong to people; the caller is none", field="user")
    reach = administered(principal)
    found = await people.find(connection, reference) or await people.find_by_login(connection, reference.lower())
    if found is None or not reach & {"*", found.tenant}:
        raise NotFound(f"User {reference} does not exist", field="user")
    return found


async def _may_end(connection: AsyncConnection, principal: Principal, key: PersonalKey) -> bool:
    if key.user_id == principal.subject:
        return True
    owner = await people.find(connection, key.user_id)
    return owner is not None and bool(administered(principal) & {"*", owner.tenant})


async def _bounded(connection: AsyncConnection, principal: Principal, expires_at: datetime | None) -> datetime | None:
    """Return when a key is to end that is made with a key: no later than that one."""
    made_with = await personal_keys.find(connection, key_of(principal.client_id) or "")
    if made_with is None or made_with.expires_at is None:
        return expires_at
    return min(expires_at or made_with.expires_at, made_with.expires_at)


async def _is_active(connection: AsyncConnection, owner: User) -> bool:
    if owner.status != "active":
        return False
    tenant = await tenants.find(connection, owner.tenant) if owner.tenant is not None else None
    return owner.tenant is None or (tenant is not None and tenant.status == "active")
