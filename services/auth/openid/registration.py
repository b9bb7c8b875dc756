"""Registration of applications: by themselves (RFC 7591, 7592), by people who sign in, by administrators."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.client import Client, new_client_id, new_secret
from services.auth.domain.openid.application import Application, ApplicationStatus, Details
from services.auth.domain.openid.redirect import fault_of, host_of
from services.auth.domain.openid.tokens import hash_of, new_token
from services.auth.operations.auth import Auth
from services.auth.store import applications, clients, people, policy_changes, tenants
from services.auth.store.database import transaction
from services.kernel.errors import BadData, NotAllowed, NotAuthenticated
from services.kernel.identity import OPEN, Principal

Registering = Literal["administrators", "approval", "open"]
SELF_SERVICE_GRANT_TYPES = (
    "authorization_code",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:device_code",
)
"""What an application may use that nobody has looked at."""

ADMINISTRATORS_GRANT_TYPES = (
    *SELF_SERVICE_GRANT_TYPES,
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:token-exchange",
)
"""What administrators may let an application use."""

_MOST_URIS = 50


class RegistrationRefused(BadData):
    """The registration is refused"""

    def __init__(self, error: str, description: str, field: str | None = None) -> None:
        super().__init__(description, field=field)
        self.error = error
        """One of the codes of RFC 7591, 3.2.2."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What an application to be tells of itself, with the grant types that it wants."""

    details: Details
    grant_types: tuple[str, ...] = ("authorization_code",)
    tenant: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """An application with what it is told this once: its secret, if it has one, and the token to change itself."""

    application: Application
    client: Client
    secret: str | None = None
    registration_token: str | None = None


async def register(auth: Auth, principal: Principal | None, new: Registration) -> Registered:
    """Register an application. Raises RegistrationRefused, BadData, NotAllowed, NotAuthenticated.

    Who administers its tenant registers an active one. Anybody else may as far as the installation lets them: with
    `approval` people who are signed in, and an administrator of their tenant approves; with `open` everybody at once.
    """
    async with transaction(auth.engine) as connection:
        tenant, owner, status = await _answered_for(auth, connection, principal, new)
    details = await _checked(auth, new.details)  # which may fetch: not for who may not register
    client_id, token = new_client_id(), new_token()
    secret = new_secret() if details.auth_method.startswith("client_secret") else None
    secret_hash = await auth.hashes.hash(secret) if secret else ""
    now = auth.clock()
    async with transaction(auth.engine) as connection:
        client = Client(client_id, secret_hash, title=details.name, grant_types=new.grant_types)
        written = await clients.add(connection, client, now) or client
        application = Application(client_id, details, tenant, owner, status, hash_of(token), now, now)
        await applications.put(connection, application, now)
    return Registered(application, written, secret, token)


async def registered(auth: Auth, client_id: str, token: str) -> Registered:
    """Return an application that shows the token it was given at its registration. Raises NotAuthenticated."""
    async with transaction(auth.engine) as connection:
        return await _authenticated(connection, client_id, token)


async def change_registration(auth: Auth, client_id: str, token: str, new: Registration) -> Registered:
    """Replace what an application tells of itself (RFC 7592, 2.2), with a new token. Raises as `register`.

    An approved one that wants to be called back elsewhere, or asks for more, is to be approved again.
    """
    details = await _checked(auth, new.details)
    fresh = new_token()
    now = auth.clock()
    async with transaction(auth.engine) as connection:
        present = await _authenticated(connection, client_id, token)
        application, client = present.application, present.client
        if details.auth_method != application.details.auth_method:
            raise RegistrationRefused("invalid_client_metadata", "token_endpoint_auth_method stays as it is")
        if not set(new.grant_types) <= {*client.grant_types, *SELF_SERVICE_GRANT_TYPES}:
            raise RegistrationRefused("invalid_client_metadata", "grant_types names one that needs an administrator")
        status = application.status
        if auth.registering != "open" and application.owner is not None and _widens(application.details, details):
            status = "applied"
        changed = replace(application, details=details, status=status, registration_hash=hash_of(fresh))
        renewed = replace(client, title=details.name, grant_types=new.grant_types)
        await applications.put(connection, changed, now)
        await clients.put(connection, renewed, now)
        await policy_changes.outdate(connection, client_id, now)
    return Registered(changed, renewed, None, fresh)


async def remove_registration(auth: Auth, client_id: str, token: str) -> None:
    """Delete an application that shows its token (RFC 7592, 2.3). Raises NotAuthenticated."""
    async with transaction(auth.engine) as connection:
        await _authenticated(connection, client_id, token)
        await clients.remove(connection, client_id)
        await policy_changes.outdate(connection, client_id, auth.clock())


async def _authenticated(connection: AsyncConnection, client_id: str, token: str) -> Registered:
    client = await clients.find(connection, client_id)
    application = await applications.find(connection, client_id) if client is not None else None
    if client is None or application is None or application.registration_hash != hash_of(token):
        raise NotAuthenticated("The registration access token is not valid")
    return Registered(application, client)


async def _answered_for(
    auth: Auth, connection: AsyncConnection, principal: Principal | None, new: Registration
) -> tuple[str | None, str | None, ApplicationStatus]:
    """Return an application's tenant, owner and status. Raises NotAllowed, NotAuthenticated, BadData."""
    caller = None if principal is None or principal == OPEN else principal
    user = await people.find(connection, caller.subject) if caller is not None else None
    tenant = new.tenant if new.tenant is not None or user is None else user.tenant
    if tenant is not None and await tenants.unknown_names(connection, {tenant}):
        raise BadData(f"Tenant {tenant} does not exist", field="tenant")
    owner = user.user_id if user is not None else None
    if not set(new.grant_types) <= set(ADMINISTRATORS_GRANT_TYPES):
        raise RegistrationRefused("invalid_client_metadata", "grant_types names one that there is not")
    if principal is not None and principal.is_unlimited("admin", tenant or "*"):
        return tenant, owner, "active"
    if new.tenant is not None and (user is None or user.tenant != new.tenant):
        raise NotAllowed(f"You do not administer tenant {new.tenant}", field="tenant")
    if not set(new.grant_types) <= set(SELF_SERVICE_GRANT_TYPES):
        raise RegistrationRefused("invalid_client_metadata", "grant_types names one that needs an administrator")
    if auth.registering == "open":
        return tenant, owner, "active"
    if caller is None:
        raise NotAuthenticated("Registering an application needs a token")
    if auth.registering == "administrators" or user is None:
        raise NotAllowed("Here administrators register applications")
    return tenant, owner, "applied"


async def _checked(auth: Auth, details: Details) -> Details:
    """Hold what an application tells against the rules, find its sector, make its keys. Raises RegistrationRefused."""
    _refuse_faults(details.redirect_uris, details, "redirect_uris")
    _refuse_faults(details.post_logout_redirect_uris, details, "post_logout_redirect_uris")
    for algorithm in details.algorithms:
        await auth.keys.ensure(algorithm)
    return await _with_sector(auth, details)


def _refuse_faults(uris: Iterable[str], details: Details, field: str) -> None:
    listed = list(uris)
    if len(listed) > _MOST_URIS:
        raise RegistrationRefused("invalid_redirect_uri", f"{field} are at most {_MOST_URIS}", field)
    for uri in listed:
        fault = fault_of(uri, details.application_type)
        if fault is not None:
            error = "invalid_redirect_uri" if field == "redirect_uris" else "invalid_client_metadata"
            raise RegistrationRefused(error, f"{field}: {uri[:200]} {fault}", field)


async def _with_sector(auth: Auth, details: Details) -> Details:
    """Return the details with the sector of pairwise subjects (OpenID Connect Core, 8.1; Registration, 5)."""
    if details.sector_identifier_uri is not None:
        try:
            listed = await auth.client_keys.fetch(details.sector_identifier_uri)
        except BadData as error:
            raise RegistrationRefused("invalid_client_metadata", error.detail, "sector_identifier_uri") from error
        if not isinstance(listed, list) or not set(details.redirect_uris) <= {str(each) for each in listed}:
            text = "sector_identifier_uri does not list every one of redirect_uris"
            raise RegistrationRefused("invalid_client_metadata", text, "sector_identifier_uri")
        return replace(details, sector=host_of(details.sector_identifier_uri))
    hosts = {host_of(uri) for uri in details.redirect_uris}
    if details.subject_type == "pairwise" and len(hosts) != 1:
        text = "subject_type pairwise with several hosts needs a sector_identifier_uri"
        raise RegistrationRefused("invalid_client_metadata", text, "subject_type")
    return replace(details, sector=min(hosts, default=""))


def _widens(before: Details, after: Details) -> bool:
    return not (set(after.redirect_uris) <= set(before.redirect_uris) and set(after.scope) <= set(before.scope))
