"""Use cases of people: users, their passwords and roles. Who administers a tenant administers its people."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain import user as names
from services.auth.domain.access import administered
from services.auth.domain.role import Binding, read_role
from services.auth.domain.tenant import read_name
from services.auth.domain.title import read_title
from services.auth.domain.user import User
from services.auth.operations.auth import Auth
from services.auth.store import people, policy_changes, tenants
from services.auth.store.database import transaction
from services.auth.store.reach import NOTHING, acting
from services.kernel.errors import AlreadyExists, BadData, NotAuthenticated, NotFound
from services.kernel.identity import Grant, Principal
from services.kernel.paging import Page

_WRONG = "The login or the password is wrong, or too many wrong ones came before"


@dataclass(frozen=True, slots=True)
class NewUser:
    """What is told of a user to be. Without a tenant: the operator's staff."""

    login: str
    tenant: str | None
    name: str | None = None
    password: str | None = None
    ial: int = 0


@dataclass(frozen=True, slots=True)
class NewBinding:
    """A role to be bound to a node of the tree, for a user or an organisation. Without a tenant: everywhere."""

    role: str
    tenant: str | None
    user_id: str | None = None
    organisation_id: str | None = None
    valid_until: datetime | None = None


async def create_user(auth: Auth, principal: Principal, new: NewUser) -> User:
    """Create a user. Raises AlreadyExists, BadData, NotAllowed."""
    tenant = None if new.tenant is None else read_name(new.tenant, "tenant")
    principal.require("admin", tenant or "*")
    login = names.read_login(new.login)
    password_hash = await _hash(auth, new.password, login)
    name = None if new.name is None else read_title(new.name, "name")
    now = auth.clock()
    changed_at = None if password_hash is None else now
    user = User(names.new_user_id(), login, tenant, name, password_hash, ial=new.ial, password_changed_at=changed_at)
    async with transaction(auth.engine) as connection:
        await _refuse_unknown_tenant(connection, tenant)
        written = await people.add(connection, user, now)
    if written is None:
        raise AlreadyExists(f"Login {login} is taken", field="login")
    return written


async def find_user(auth: Auth, principal: Principal, user_id: str) -> User:
    """Return a user. Raises NotFound, also for one whom the caller may not administer."""
    async with transaction(auth.engine) as connection:
        return await _found(connection, principal, user_id)


async def list_users(auth: Auth, principal: Principal, part: Page) -> tuple[list[User], int]:
    """Return one page of the users whom the caller administers. Raises NotAllowed."""
    async with transaction(auth.engine) as connection:
        return await people.page(connection, administered(principal), part)


async def change_user(auth: Auth, principal: Principal, user_id: str, given: Mapping[str, Any]) -> User:
    """Change name, status, ial or password of a user, whose tokens end; a new password ends a lock.

    Raises NotFound, BadData.
    """
    now = auth.clock()
    async with transaction(auth.engine) as connection:
        login = (await _found(connection, principal, user_id)).login
    password_hash = await _hash(auth, given.get("password"), login)
    changes = {name: value for name, value in given.items() if name != "password"}
    if changes.get("name") is not None:
        changes["name"] = read_title(changes["name"], "name")
    if password_hash is not None:
        changes |= {"password_hash": password_hash, "password_changed_at": now, "failures": 0, "locked_until": None}
    async with transaction(auth.engine) as connection:
        changed = replace(await _found(connection, principal, user_id), modified_at=now, **changes)
        await people.put(connection, changed)
        await policy_changes.outdate(connection, user_id, now)
    return changed


async def remove_user(auth: Auth, principal: Principal, user_id: str) -> None:
    """Delete a user with roles and memberships; its tokens end. Raises NotFound."""
    async with transaction(auth.engine) as connection:
        await _found(connection, principal, user_id)
        await people.remove(connection, user_id)
        await policy_changes.outdate(connection, user_id, auth.clock())


async def authenticate_user(auth: Auth, login: str, password: str) -> User:
    """Return the user whom a login and a password belong to. Raises NotAuthenticated.

    Neither the answer nor its time tells whether the user is unknown, suspended, locked or the password wrong. Five
    wrong passwords in a row lock the user out for a minute, each further one for twice as long, at most an hour.
    """
    try:
        folded = names.read_login(login)
    except BadData:
        folded = ""
    async with transaction(auth.engine, NOTHING.also("identify")) as connection:
        user = await people.find_by_login(connection, folded)
    is_right = await auth.hashes.verify_once(user.password_hash if user else None, names.normal(password))
    now = auth.clock()
    async with transaction(auth.engine, NOTHING.also("identify")) as connection:
        present = await people.find_by_login(connection, folded)
        if present is None or present.is_locked(now):
            raise NotAuthenticated(_WRONG)
        is_right = is_right and user is not None and present.password_hash == user.password_hash
        await people.put(connection, present.succeeded() if is_right else present.failed(now))
    if not is_right or present.status != "active":
        raise NotAuthenticated(_WRONG)
    return present.succeeded()


async def grants_of(auth: Auth, user_id: str) -> tuple[Grant, ...]:
    """Return what a user's roles grant now, for the token of whoever acts for it."""
    async with transaction(auth.engine, NOTHING.also("identify")) as connection:
        return await grants_now(connection, user_id, auth.clock())


async def grants_now(connection: AsyncConnection, user_id: str, now: datetime) -> tuple[Grant, ...]:
    """Return the same in a transaction that there is."""
    bindings = await people.bindings_of(connection, user_id, now)
    return tuple(dict.fromkeys(binding.grant for binding in bindings))


async def create_organisation(auth: Auth, principal: Principal, tenant: str, title: str) -> str:
    """Create an organisation in a tenant and return its identifier. Raises BadData, NotAllowed."""
    tenant = read_name(tenant, "tenant")
    principal.require("admin", tenant)
    organisation_id = "o-" + secrets.token_hex(8)
    async with transaction(auth.engine) as connection:
        await _refuse_unknown_tenant(connection, tenant)
        await people.add_organisation(connection, organisation_id, tenant, read_title(title, "title"))
    return organisation_id


async def join_organisation(auth: Auth, principal: Principal, organisation_id: str, user_id: str) -> None:
    """Make a user a member of an organisation; both must be the caller's to administer. Raises NotFound."""
    async with transaction(auth.engine) as connection:
        await _found_organisation(connection, principal, organisation_id)
        await _found(connection, principal, user_id)
        await people.join(connection, organisation_id, user_id)
        await policy_changes.outdate(connection, user_id, auth.clock())


async def bind_role(auth: Auth, principal: Principal, new: NewBinding) -> Binding:
    """Bind a role to a node of the tree for a user or an organisation. Raises BadData, NotAllowed, NotFound.

    Who administers the node may bind any role there; only an administrator of all tenants binds one everywhere.
    """
    role = read_role(new.role)
    tenant = None if new.tenant is None else read_name(new.tenant, "tenant")
    principal.require("admin", tenant or "*")
    if (new.user_id is None) == (new.organisation_id is None):
        raise BadData("A role is bound to either a user_id or an organisation_id", field="user_id")
    async with transaction(auth.engine, acting().also("decide")) as connection:
        await _refuse_unknown_tenant(connection, tenant)
        holders = await _holders(connection, new)
        binding_id = "r-" + secrets.token_hex(8)
        binding = Binding(
            binding_id, role, tenant, principal.subject, new.user_id, new.organisation_id, new.valid_until
        )
        written = await people.bind(connection, binding, auth.clock())
        for user_id in holders:
            await policy_changes.outdate(connection, user_id, auth.clock())
    return written


async def list_bindings(auth: Auth, principal: Principal) -> list[Binding]:
    """Return the role bindings at the nodes that the caller administers. Raises NotAllowed."""
    async with transaction(auth.engine) as connection:
        return await people.bindings_at(connection, administered(principal))


async def unbind_role(auth: Auth, principal: Principal, binding_id: str) -> None:
    """Take a role away; its holders' tokens end. Raises NotFound."""
    reach = administered(principal)
    async with transaction(auth.engine, acting().also("decide")) as connection:
        found = await people.find_binding(connection, binding_id)
        if found is None or not reach & {"*", found.tenant}:
            raise NotFound(f"Role binding {binding_id} does not exist")
        wanted = NewBinding(found.role, found.tenant, found.user_id, found.organisation_id)
        for user_id in await _holders(connection, wanted):
            await policy_changes.outdate(connection, user_id, auth.clock())
        await people.unbind(connection, binding_id)


async def _holders(connection: AsyncConnection, binding: NewBinding) -> list[str]:
    """Return the users whom a binding is about. Raises NotFound."""
    if binding.organisation_id is not None:
        if await people.organisation_tenant(connection, binding.organisation_id) is None:
            raise NotFound(f"Organisation {binding.organisation_id} does not exist")
        return await people.members(connection, binding.organisation_id)
    user_id = str(binding.user_id)
    if await people.find(connection, user_id) is None:
        raise NotFound(f"User {user_id} does not exist")
    return [user_id]


async def _found(connection: AsyncConnection, principal: Principal, user_id: str) -> User:
    reach = administered(principal)
    found = await people.find(connection, user_id, for_update=True)
    if found is None or not reach & {"*", found.tenant}:
        raise NotFound(f"User {user_id} does not exist")
    return found


async def _found_organisation(connection: AsyncConnection, principal: Principal, organisation_id: str) -> None:
    tenant = await people.organisation_tenant(connection, organisation_id)
    if tenant is None or not administered(principal) & {"*", tenant}:
        raise NotFound(f"Organisation {organisation_id} does not exist")


async def _refuse_unknown_tenant(connection: AsyncConnection, tenant: str | None) -> None:
    if tenant is not None and await tenants.unknown_names(connection, {tenant}):
        raise BadData(f"Tenant {tenant} does not exist", field="tenant")


async def _hash(auth: Auth, password: str | None, login: str) -> str | None:
    return None if password is None else await auth.hashes.hash(names.read_password(password, login))
