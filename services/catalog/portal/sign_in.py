"""Signing people in at auth: OpenID Connect's authorization code flow with PKCE (RFC 6749, 4.1; RFC 7636; RFC 9207)."""

import base64
import contextlib
import hashlib
import json
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from services.catalog.portal.session import Session
from services.kernel.errors import NotAuthenticated, Unavailable
from services.kernel.seal import Seal, SealBroken

SCOPE = "openid offline_access read publish"
_PATIENCE_S = 600
_TIMEOUT_S = 10.0
_MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Application:
    """The portal as an application at auth: who it is there, where people come back to, where auth is reached."""

    client_id: str
    client_secret: str
    callback: str
    issuer: str
    auth_url: str

    @property
    def is_registered(self) -> bool:
        """Tell whether people can sign in."""
        return bool(self.client_id)


@dataclass(frozen=True, slots=True)
class Journey:
    """A sign-in under way: what auth must send back, PKCE's verifier, where the person wants to go, until when."""

    state: str
    verifier: str
    target: str
    until: float

    def sealed(self, seal: Seal) -> str:
        """Return it as it is kept in the browser meanwhile."""
        return seal.close(json.dumps([self.state, self.verifier, self.target, self.until]))

    @classmethod
    def opened(cls, sealed: str, seal: Seal) -> "Journey":
        """Read it back. Raises NotAuthenticated."""
        try:
            state, verifier, target, until = json.loads(seal.open(sealed))
        except (SealBroken, ValueError) as error:
            raise NotAuthenticated("The sign-in was begun elsewhere") from error
        journey = cls(str(state), str(verifier), str(target), float(until))
        if journey.until < time.time():
            raise NotAuthenticated("The sign-in took too long")
        return journey


class SignIn:
    """Sends people to auth, and exchanges what they bring back for a session."""

    def __init__(self, application: Application, client: httpx.AsyncClient) -> None:
        self.application = application
        self._client = client
        self._renewed: OrderedDict[str, Session] = OrderedDict()

    def begin(self, target: str) -> tuple[Journey, str]:
        """Begin a sign-in; return what to remember, and the address to send the person to."""
        verifier = secrets.token_urlsafe(48)
        journey = Journey(secrets.token_urlsafe(16), verifier, _within(target), time.time() + _PATIENCE_S)
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.application.client_id,
            "redirect_uri": self.application.callback,
            "scope": SCOPE,
            "state": journey.state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return journey, f"{self.application.issuer}/oauth/authorize?{urlencode(asked)}"

    async def finish(self, journey: Journey, answer: dict[str, str]) -> Session:
        """Exchange the code that auth sent back. Raises NotAuthenticated, Unavailable."""
        if not secrets.compare_digest(answer.get("state", ""), journey.state):
            raise NotAuthenticated("The answer belongs to another sign-in")
        if answer.get("iss") != self.application.issuer:
            raise NotAuthenticated("The answer comes from another provider")
        if "code" not in answer:
            raise NotAuthenticated("The sign-in was ended")
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self.application.callback,
            "code_verifier": journey.verifier,
        }
        return await self._ask(form)

    async def renewed(self, session: Session) -> Session:
        """Exchange a refresh token, which is for one use: requests at the same time share what it brings."""
        known = self._renewed.get(session.refresh_token)
        if known is not None:
            return known
        fresh = await self._ask({"grant_type": "refresh_token", "refresh_token": session.refresh_token})
        self._renewed[session.refresh_token] = fresh
        if len(self._renewed) > _MOST_KEPT:
            self._renewed.popitem(last=False)
        return fresh

    async def end(self, session: Session) -> None:
        """End all that came of a sign-in; where auth is away, its tokens end by themselves."""
        app = self.application
        own = {"client_id": app.client_id, **({"client_secret": app.client_secret} if app.client_secret else {})}
        form = {"token": session.refresh_token or session.access_token, **own}
        with contextlib.suppress(httpx.TransportError):
            await self._client.post(f"{app.auth_url}/oauth/revoke", data=form, timeout=_TIMEOUT_S)

    async def _ask(self, form: dict[str, str]) -> Session:
        app = self.application
        own = {"client_id": app.client_id, **({"client_secret": app.client_secret} if app.client_secret else {})}
        try:
            answer = await self._client.post(f"{app.auth_url}/oauth/token", data={**form, **own}, timeout=_TIMEOUT_S)
        except httpx.TransportError as error:
            raise Unavailable("Auth is away") from error
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unavailable("Auth is away")
        if answer.status_code != httpx.codes.OK:
            raise NotAuthenticated("Auth does not take the sign-in")
        told = answer.json()
        until = time.time() + float(told.get("expires_in", 0))
        return Session(str(told["access_token"]), str(told.get("refresh_token", "")), until)


def _within(target: str) -> str:
    """Return an address of this site, the editor for any other."""
    is_ours = target.startswith("/") and not target.startswith(("//", "/\\")) and "\n" not in target
    return target if is_ours else "/editor"
