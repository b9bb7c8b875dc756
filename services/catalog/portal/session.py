"""Sessions of people who are signed in: sealed in cookies, so that any replica reads them and nobody else."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection

from services.kernel.errors import HubError
from services.kernel.seal import Seal, SealBroken
from services.kernel.telemetry import AsgiApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from services.catalog.portal.sign_in import SignIn

COOKIE = "hiroba_session"
_PART = 3_500
_MOST_PARTS = 6
_SOON_S = 60.0
_LIFE_S = 12 * 3600
_SAFE = ("GET", "HEAD")


@dataclass(frozen=True, slots=True)
class Session:
    """A person's tokens at auth; `until` is when the access token ends (seconds since 1970)."""

    access_token: str
    refresh_token: str = ""
    until: float = 0.0

    def sealed(self, seal: Seal) -> str:
        """Return it as browsers keep it."""
        return seal.close(json.dumps([self.access_token, self.refresh_token, self.until]))

    @classmethod
    def opened(cls, sealed: str, seal: Seal) -> "Session | None":
        """Read it back, None if nobody here sealed it."""
        try:
            access_token, refresh_token, until = json.loads(seal.open(sealed))
        except (SealBroken, ValueError):
            return None
        return cls(str(access_token), str(refresh_token), float(until))


class Sessions:
    """Pure ASGI middleware: a browser's session stands for the token that it cannot send.

    Only for reading, and for the forms of `forms`, which refuse other sites themselves. A token that ends soon is
    renewed. Without an application at auth it does nothing.
    """

    def __init__(self, app: AsgiApp, seal: Seal, sign_in: "SignIn", *, forms: str, is_secure: bool) -> None:
        self._app = app
        self._seal = seal
        self._sign_in = sign_in
        self._forms = forms
        self._is_secure = is_secure
        self._renewing = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not self._sign_in.application.is_registered:
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["sessions"] = self
        session = self.read(HTTPConnection(scope).cookies) if self._may_stand_in(scope) else None
        if session is None:
            await self._app(scope, receive, send)
            return
        current = await self._current(session)
        if current is not None:
            token = (b"authorization", f"Bearer {current.access_token}".encode())
            scope = {**scope, "headers": [*scope["headers"], token]}
        changed = current is not session

        async def send_with_cookies(message: Message) -> None:
            if changed and message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for cookie in self.cookies(current):
                    headers.append("set-cookie", cookie)
            await send(message)

        await self._app(scope, receive, send_with_cookies)

    def _may_stand_in(self, scope: Scope) -> bool:
        if any(name == b"authorization" for name, _ in scope["headers"]):
            return False
        return scope["method"] in _SAFE or scope["path"].startswith(f"{self._forms}/")

    def read(self, cookies: Mapping[str, str]) -> Session | None:
        """Return the session that a browser's cookies hold."""
        parts = [cookies.get(f"{COOKIE}_{number}", "") for number in range(_MOST_PARTS)]
        sealed = "".join(parts)
        return Session.opened(sealed, self._seal) if sealed else None

    async def _current(self, session: Session) -> Session | None:
        """Return the session with a token that is good for a while, None if it has ended."""
        if session.until > time.time() + _SOON_S:
            return session
        try:
            async with self._renewing:
                return await self._sign_in.renewed(session) if session.refresh_token else None
        except HubError:
            return session if session.until > time.time() else None

    def cookies(self, session: Session | None) -> list[str]:
        """Return the headers that keep a session in the browser, or take it away."""
        sealed = session.sealed(self._seal) if session is not None else ""
        parts = [sealed[start : start + _PART] for start in range(0, len(sealed), _PART)][:_MOST_PARTS]
        return [
            self.cookie(f"{COOKIE}_{number}", parts[number] if number < len(parts) else "", _LIFE_S)
            for number in range(_MOST_PARTS)
        ]

    def cookie(self, name: str, value: str, life_s: int) -> str:
        """Return the header that sets a cookie, or takes it away where it is empty."""
        cookie: SimpleCookie = SimpleCookie({name: value})
        cookie[name].update({"path": "/", "samesite": "Lax", "max-age": str(life_s if value else 0)})
        flags = "; HttpOnly; Secure" if self._is_secure else "; HttpOnly"
        return cookie[name].OutputString() + flags

    @property
    def seal(self) -> Seal:
        """The seal of what browsers keep."""
        return self._seal

    @property
    def sign_in(self) -> "SignIn":
        """Where people sign in."""
        return self._sign_in
