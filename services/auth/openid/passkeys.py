"""Passkeys: added by who is signed in, and signed in with, which shows more than a password does."""

import json
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy.ext.asyncio import AsyncConnection
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.auth.domain.openid.passkey import Passkey
from services.auth.domain.openid.tokens import hash_of
from services.auth.domain.title import read_title
from services.auth.domain.user import User
from services.auth.openid.authorize import Browser
from services.auth.openid.sign_in import Proof, SignedIn, open_session
from services.auth.operations.auth import Auth
from services.auth.store import passkeys, people
from services.auth.store.database import transaction
from services.kernel.errors import AlreadyExists, BadData, NotAuthenticated

FRESH_S = 900
"""A passkey is added only so many seconds after a sign-in: nobody adds one at a screen that was left alone."""

_PROOF = Proof(2, ("pop", "user", "mfa"))
_LIFE = timedelta(minutes=5)
_REQUIRED = UserVerificationRequirement.REQUIRED
_FAULTS = (WebAuthnException, ValueError, KeyError, TypeError)
_FAILED = "The passkey could not be verified"


async def options_to_add(auth: Auth, present: SignedIn, browser: Browser) -> dict[str, Any]:
    """Return what a browser needs to make a passkey (PublicKeyCredentialCreationOptions in JSON)."""
    async with transaction(auth.engine) as connection:
        known = await passkeys.of_user(connection, present.user.user_id)
        challenge = await _challenge(auth, connection, browser)
    options = webauthn.generate_registration_options(
        rp_id=_host(auth),
        rp_name="Hiroba",
        user_id=present.user.user_id.encode(),
        user_name=present.user.login,
        user_display_name=present.user.name or present.user.login,
        challenge=challenge,
        exclude_credentials=[_descriptor(each) for each in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
        ),
    )
    return dict(json.loads(webauthn.options_to_json(options)))


async def add(auth: Auth, present: SignedIn, browser: Browser, told: tuple[str, str]) -> Passkey:
    """Add a passkey: what the browser has made, in JSON, and a title. Raises BadData, AlreadyExists."""
    credential, title = told
    now = auth.clock()
    async with transaction(auth.engine) as connection:
        challenge = await _used_challenge(auth, connection, browser, credential)
        try:
            made = webauthn.verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=_host(auth),
                expected_origin=_origin(auth),
                require_user_verification=True,
            )
        except _FAULTS as error:
            raise BadData(_FAILED, field="credential") from error
        written = Passkey(
            bytes_to_base64url(made.credential_id),
            present.user.user_id,
            made.credential_public_key,
            made.sign_count,
            read_title(title, "title"),
            made.credential_backed_up,
            now,
        )
        if not await passkeys.add(connection, written):
            raise AlreadyExists("This passkey is known already", field="credential")
    return written


async def options_to_sign_in(auth: Auth, present: SignedIn | None, browser: Browser) -> dict[str, Any]:
    """Return what a browser needs to use a passkey: one of who is signed in, else whichever the person picks."""
    async with transaction(auth.engine) as connection:
        known = await passkeys.of_user(connection, present.user.user_id) if present is not None else []
        challenge = await _challenge(auth, connection, browser)
    options = webauthn.generate_authentication_options(
        rp_id=_host(auth),
        challenge=challenge,
        user_verification=_REQUIRED,
        allow_credentials=[_descriptor(each) for each in known] or None,
    )
    return dict(json.loads(webauthn.options_to_json(options)))


async def sign_in(auth: Auth, browser: Browser, credential: str) -> tuple[str, User]:
    """Sign somebody in with a passkey; returns the cookie of the session, and who it is. Raises NotAuthenticated."""
    async with transaction(auth.engine) as connection:
        try:
            challenge = await _used_challenge(auth, connection, browser, credential)
        except BadData as error:
            raise NotAuthenticated(_FAILED) from error
    async with transaction(auth.engine) as connection:
        user = await _verified(auth, connection, credential, challenge)
    return await open_session(auth, user, _PROOF, browser.session), user


async def list_passkeys(auth: Auth, user_id: str) -> list[Passkey]:
    """Return a person's passkeys."""
    async with transaction(auth.engine) as connection:
        return await passkeys.of_user(connection, user_id)


async def remove(auth: Auth, user_id: str, credential_id: str) -> None:
    """Delete a passkey of a person."""
    async with transaction(auth.engine) as connection:
        await passkeys.remove(connection, user_id, credential_id)


async def _verified(auth: Auth, connection: AsyncConnection, credential: str, challenge: bytes) -> User:
    """Return whose passkey has signed a challenge, and count its use. Raises NotAuthenticated."""
    try:
        known = await passkeys.find(connection, str(json.loads(credential)["id"]))
        user = await people.find(connection, known.user_id) if known is not None else None
        if known is None or user is None or user.status != "active":
            raise NotAuthenticated(_FAILED)
        used = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(auth),
            expected_origin=_origin(auth),
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
    except _FAULTS as error:
        raise NotAuthenticated(_FAILED) from error
    await passkeys.note_use(connection, known.credential_id, used.new_sign_count, auth.clock())
    return user


async def _challenge(auth: Auth, connection: AsyncConnection, browser: Browser) -> bytes:
    challenge, now = secrets.token_bytes(32), auth.clock()
    key = hash_of(bytes_to_base64url(challenge)), hash_of(browser.secret)
    await passkeys.challenge(connection, key, now + _LIFE, now)
    return challenge


async def _used_challenge(auth: Auth, connection: AsyncConnection, browser: Browser, credential: str) -> bytes:
    """Use up the challenge that a credential answers, one that this browser was given; returns it. Raises BadData."""
    try:
        client_data = json.loads(base64url_to_bytes(json.loads(credential)["response"]["clientDataJSON"]))
        challenge = str(client_data["challenge"])
        raw = base64url_to_bytes(challenge)
    except _FAULTS as error:
        raise BadData(_FAILED, field="credential") from error
    if not await passkeys.use_challenge(connection, (hash_of(challenge), hash_of(browser.secret)), auth.clock()):
        raise BadData("The challenge has expired, or was used: try again", field="credential")
    return raw


def _descriptor(known: Passkey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(known.credential_id))


def _host(auth: Auth) -> str:
    return urlsplit(auth.issuer.url).hostname or ""


def _origin(auth: Auth) -> str:
    parts = urlsplit(auth.issuer.url)
    return f"{parts.scheme}://{parts.netloc}"
