"""Signing out because an application asks for it (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.auth.domain.openid.redirect import is_registered, with_parameters
from services.auth.openid.sign_in import SignedIn, signed_in
from services.auth.openid.subjects import subject_for
from services.auth.operations.auth import Auth
from services.auth.store import applications
from services.auth.store.database import transaction
from services.auth.tokens.id_token import Hint, read_hint
from services.kernel.errors import BadData


@dataclass(frozen=True, slots=True)
class Leaving:
    """A wish to sign out: who is signed in, whether that must be confirmed, and where the browser goes then."""

    present: SignedIn | None
    must_ask: bool
    destination: str | None = None


async def leave(auth: Auth, parameters: Mapping[str, str], cookie: str | None) -> Leaving:
    """Read a wish to sign out. Raises BadData for a hint that is not ours, or an address that is not registered.

    Only an ID token of the person who is signed in shows that the application speaks for this session; otherwise the
    person is asked, so that no page elsewhere signs anybody out.
    """
    present = await signed_in(auth, cookie)
    hint = await _hint(auth, parameters)
    client_id = hint.client_id if hint is not None else parameters.get("client_id")
    destination = await _destination(auth, parameters, client_id)
    if present is None:
        return Leaving(None, must_ask=False, destination=destination)
    is_own = hint is not None and await _is_of(auth, hint, present)
    return Leaving(present, must_ask=not is_own, destination=destination)


async def _hint(auth: Auth, parameters: Mapping[str, str]) -> Hint | None:
    text = parameters.get("id_token_hint")
    if text is None:
        return None
    hint = read_hint(text, await auth.keys.public_set(), auth.issuer.url)
    if hint is None:
        raise BadData("id_token_hint is no ID token that was issued here", field="id_token_hint")
    if parameters.get("client_id", hint.client_id) != hint.client_id:
        raise BadData("id_token_hint was issued to another application", field="client_id")
    return hint


async def _destination(auth: Auth, parameters: Mapping[str, str], client_id: str | None) -> str | None:
    """Return where the browser goes: an address that the application has registered for it, else nowhere."""
    uri = parameters.get("post_logout_redirect_uri")
    if uri is None:
        return None
    async with transaction(auth.engine) as connection:
        application = await applications.find(connection, client_id) if client_id is not None else None
    if application is None or not is_registered(uri, application.details.post_logout_redirect_uris):
        raise BadData("The address to go to is not one that the application has registered", field="client_id")
    state = parameters.get("state")
    return uri if state is None else with_parameters(uri, [("state", state)])


async def _is_of(auth: Auth, hint: Hint, present: SignedIn) -> bool:
    if hint.sid is not None:
        return hint.sid == present.session.sid
    async with transaction(auth.engine) as connection:
        application = await applications.find(connection, hint.client_id)
        if application is None:
            return False
        return hint.subject == await subject_for(connection, application, present.user.user_id)
