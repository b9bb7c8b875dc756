"""Signing in with an external OpenID provider: this hub is the application, and believes what it can verify."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from services.auth.domain.openid.provider import Provider
from services.auth.domain.openid.redirect import with_parameters
from services.auth.domain.openid.tokens import hash_of, new_token
from services.auth.domain.title import LONGEST_TITLE
from services.auth.domain.user import User, new_user_id
from services.auth.openid.authorize import Browser
from services.auth.openid.sign_in import Proof, open_session
from services.auth.operations.auth import Auth
from services.auth.store import account_links, people
from services.auth.store.account_links import AccountLink, ExternalSignIn
from services.auth.store.database import transaction
from services.auth.tokens.external_provider import exchange_code, read_metadata, verified_claims
from services.kernel.errors import BadData, Conflict, NotAuthenticated, NotFound

_LIFE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody who has come back from a provider: the session's cookie, who it is, and what the sign-in was for."""

    cookie: str
    user: User
    request_id: str


async def begin(auth: Auth, name: str, browser: Browser, wish: tuple[str, str | None]) -> str:
    """Return the address of a provider to send a browser to. Raises NotFound, BadData.

    The wish: which request the sign-in is for, and which user links the account, None for a plain sign-in.
    """
    provider = _found(auth, name)
    metadata = await read_metadata(auth.client_keys, provider)
    state, nonce, verifier = new_token(), new_token(), secrets.token_urlsafe(48)
    now = auth.clock()
    request_id, link_user = wish
    begun = ExternalSignIn(
        hash_of(state), hash_of(browser.secret), name, nonce, verifier, request_id, now + _LIFE, link_user
    )
    async with transaction(auth.engine) as connection:
        await account_links.begin(connection, begun, now)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    parameters = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": callback_of(auth, name),
        "scope": provider.scope,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **({"acr_values": provider.acr_values} if provider.acr_values else {}),
    }
    return with_parameters(metadata.authorization_endpoint, parameters.items())


async def finish(auth: Auth, name: str, browser: Browser, parameters: Mapping[str, str]) -> Arrived:
    """Take a browser back from a provider; sign its person in. Raises NotAuthenticated, NotFound, Conflict, BadData.

    Only the browser that left comes back (`state`), and only from the provider it went to (`iss`, RFC 9207).
    """
    provider = _found(auth, name)
    now = auth.clock()
    async with transaction(auth.engine) as connection:
        begun = await account_links.finish(connection, hash_of(parameters.get("state", "")), now)
    if begun is None or begun.provider != name or begun.browser_hash != hash_of(browser.secret):
        raise BadData("This sign-in was not begun in this browser, or has taken too long", field="state")
    if parameters.get("iss", provider.issuer).rstrip("/") != provider.issuer.rstrip("/"):
        raise BadData("The answer comes from another provider", field="iss")
    if "code" not in parameters:
        raise NotAuthenticated(f"The provider has signed nobody in: {parameters.get('error', 'no code')[:100]}")
    metadata = await read_metadata(auth.client_keys, provider)
    redeem = {
        "code": parameters["code"],
        "redirect_uri": callback_of(auth, name),
        "code_verifier": begun.verifier,
    }
    id_token = await exchange_code(auth.client_keys, provider, metadata, redeem)
    claims = await verified_claims(auth.client_keys, (provider, metadata), (id_token, begun.nonce), now)
    async with transaction(auth.engine) as connection:
        user = await _user(auth, connection, (provider, begun.link_user), claims)
    proof = Proof(provider.aal, ("ext",), provider.ial)
    return Arrived(await open_session(auth, user, proof, browser.session), user, begun.request_id)


async def list_links(auth: Auth, user_id: str) -> list[AccountLink]:
    """Return the accounts that a person has linked."""
    async with transaction(auth.engine) as connection:
        return await account_links.links_of(connection, user_id)


async def unlink(auth: Auth, user_id: str, name: str) -> None:
    """Forget a person's account at a provider. Raises Conflict where nothing else is left to sign in with."""
    async with transaction(auth.engine) as connection:
        user = await people.find(connection, user_id)
        links = await account_links.links_of(connection, user_id)
        if user is None or (user.password_hash is None and {each.provider for each in links} <= {name}):
            raise Conflict("Nothing else is left to sign in with: ask an administrator for a password first")
        await account_links.unlink(connection, user_id, name)


def callback_of(auth: Auth, name: str) -> str:
    """Return where a provider sends people back to: what is registered there."""
    return f"{auth.issuer.url.rstrip('/')}/oauth/external/{name}/callback"


async def _user(
    auth: Auth, connection: AsyncConnection, wish: tuple[Provider, str | None], claims: Mapping[str, Any]
) -> User:
    """Return whose account it is: linked now or before, or made. Raises NotAuthenticated, Conflict."""
    provider, link_user = wish
    subject, now = str(claims["sub"]), auth.clock()
    known = await account_links.linked_user(connection, provider.name, subject)
    if link_user is not None:
        if known is not None and known != link_user:
            raise Conflict("This account is linked to somebody else")
        known = await account_links.link(connection, AccountLink(provider.name, subject, link_user, now))
    if known is None and provider.creates_in is not None:
        made = await _made(connection, provider, claims, now)
        known = await account_links.link(connection, AccountLink(provider.name, subject, made.user_id, now))
    user = await people.find(connection, known) if known is not None else None
    if user is None:
        raise NotAuthenticated("This account is not linked: sign in as usual first, and link it on your account's page")
    if user.status != "active":
        raise NotAuthenticated("Signing in is not possible")
    return user


async def _made(connection: AsyncConnection, provider: Provider, claims: Mapping[str, Any], now: datetime) -> User:
    """Make an account for somebody new: without a password, under a login that tells nothing."""
    user_id = new_user_id()
    told = "".join(sign for sign in str(claims.get("name") or "") if sign.isprintable()).strip()[:LONGEST_TITLE]
    login = f"{provider.name}.{user_id}"
    user = User(user_id, login, provider.creates_in, told or None, ial=provider.ial)
    written = await people.add(connection, user, now)
    if written is None:
        raise Conflict("The account cannot be made; try again")
    return written


def _found(auth: Auth, name: str) -> Provider:
    provider = auth.providers.by_name.get(name)
    if provider is None:
        raise NotFound("There is no such provider here")
    return provider
