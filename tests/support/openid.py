"""A person with a browser, and an application that signs the person in: both as the protocol has them, no more."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx

LOGIN = "hanako@takamatsu.example.jp"
PASSWORD = "correct horse battery"
CALLBACK = "https://app.test/callback"


@dataclass
class Form:
    """A form of a page: where it goes, what it holds, and its buttons."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.language = ""

    def _begin(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given.get("lang", "")
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        if tag == "input" and self.forms and given.get("name") and given.get("type") != "checkbox":
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        if tag == "button" and self.forms and given.get("name"):
            self.forms[-1].buttons.append((given["name"], given.get("value", "")))

    handle_starttag = _begin


@dataclass(frozen=True)
class Page:
    """Where the browser has come to: a page of the hub, or the application's address with the answer's parameters."""

    url: str
    status: int = 0
    text: str = ""

    @property
    def is_callback(self) -> bool:
        """Whether the browser has left the hub."""
        return self.status == 0

    @property
    def answer(self) -> dict[str, str]:
        """What the application is told in the query."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def form(self) -> Form:
        """The page's first form."""
        return self.forms[0]

    @property
    def forms(self) -> list[Form]:
        """All forms of the page."""
        parser = _Forms()
        parser.feed(self.text)
        return parser.forms

    @property
    def links(self) -> list[str]:
        """Where the page's links lead."""
        parser = _Forms()
        parser.feed(self.text)
        return parser.links

    @property
    def language(self) -> str:
        """The page's language."""
        parser = _Forms()
        parser.feed(self.text)
        return parser.language


class Browser:
    """A browser: keeps cookies, follows redirects within the hub and other sites it is told, sends forms of pages."""

    def __init__(self, hub: httpx.AsyncClient, *sites: str) -> None:
        self._hub = str(hub.base_url).rstrip("/")
        self._sites = (self._hub, *sites)
        in_process = isinstance(hub._transport, httpx.ASGITransport)
        transport = hub._transport if in_process else None
        self.client = httpx.AsyncClient(transport=transport, base_url=hub.base_url)

    async def open(self, url: str, **more: Any) -> Page:
        """Go to an address."""
        return await self._follow(await self.client.get(urljoin(self._hub, url), **more))

    async def post(self, url: str, fields: Mapping[str, str]) -> Page:
        """Send a form to an address."""
        return await self._follow(await self.client.post(urljoin(self._hub, url), data=dict(fields)))

    async def send(self, page: Page, **filled: str) -> Page:
        """Fill in and send a page's first form."""
        return await self.post(page.form.action, {**page.form.fields, **filled})

    async def sign_in(self, page: Page, login: str, password: str = PASSWORD) -> Page:
        """Sign in on the page that asks for it."""
        assert "password" in page.form.fields, page.text
        return await self.send(page, login=login, password=password)

    async def allow(self, page: Page) -> Page:
        """Press the button that lets the application have what it asks for."""
        assert ("decision", "allow") in page.form.buttons, page.text
        return await self.send(page, decision="allow")

    async def through(self, page: Page, login: str) -> Page:
        """Go through whatever pages stand before the application."""
        if not page.is_callback and "password" in page.form.fields:
            page = await self.sign_in(page, login)
        return page if page.is_callback else await self.allow(page)

    async def _follow(self, answer: httpx.Response) -> Page:
        while answer.is_redirect:
            target = urljoin(str(answer.url), answer.headers["location"])
            if not target.startswith(tuple(f"{site}/" for site in self._sites)):
                return Page(target)
            answer = await self.client.get(target)
        return Page(str(answer.url), answer.status_code, answer.text)


@dataclass(frozen=True)
class App:
    """An application: what it was told at its registration, and how it calls the hub."""

    hub: httpx.AsyncClient
    registered: Mapping[str, Any]
    callback: str = CALLBACK

    @property
    def client_id(self) -> str:
        """Its identifier."""
        return str(self.registered["client_id"])

    def address(self, **parameters: str | None) -> str:
        """Return the address that begins an authorization; None leaves a usual parameter out."""
        usual = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.callback,
            "scope": "openid",
            "state": "state-1",
            "nonce": "nonce-1",
        }
        given = {name: value for name, value in {**usual, **parameters}.items() if value is not None}
        return "/oauth/authorize?" + urlencode(given)

    async def token(self, **form: str) -> httpx.Response:
        """Call the token endpoint as it authenticates."""
        method = self.registered["token_endpoint_auth_method"]
        secret = self.registered.get("client_secret", "")
        if method == "client_secret_basic":
            return await self.hub.post("/oauth/token", data=form, auth=(self.client_id, secret))
        held = {"client_secret": secret} if method == "client_secret_post" else {}
        return await self.hub.post("/oauth/token", data={**form, "client_id": self.client_id, **held})

    async def exchange(self, code: str, **form: str) -> httpx.Response:
        """Exchange a code."""
        usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.callback}
        return await self.token(**{**usual, **form})

    async def userinfo(self, token: str) -> httpx.Response:
        """Ask who signed in."""
        return await self.hub.get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})


def challenge() -> tuple[str, str]:
    """Make up a PKCE verifier; returns it and its challenge."""
    verifier = secrets.token_urlsafe(48)
    return verifier, base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def register_app(hub: httpx.AsyncClient, headers: Mapping[str, str], **metadata: Any) -> App:
    """Register an application."""
    given = {"client_name": "バスの窓", "redirect_uris": [CALLBACK], **metadata}
    answer = await hub.post("/oauth/register", json=given, headers=headers)
    assert answer.status_code == 201, answer.text
    callback = given["redirect_uris"][0] if given["redirect_uris"] else CALLBACK
    return App(hub, answer.json(), callback)
