"""What a browser is given and shows: cookies, tokens of forms against forgery, pages."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.auth.api.form import read_form
from services.auth.domain.openid.redirect import with_parameters
from services.auth.domain.openid.tokens import new_token
from services.auth.openid.authorize import Answer, Ask, Browser, Step
from services.auth.operations.auth import Auth
from services.auth.pages.language import Language, language_of
from services.auth.pages.rendering import POLICY, render
from services.kernel.errors import BadData, HubError, Unavailable
from services.kernel.problems import status_of

_SESSION, _BROWSER = "hiroba-session", "hiroba-browser"
_LONGEST_COOKIE = 100
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Visitor:
    """A browser that visits a page: its cookies, its language, and how it is answered.

    Cookies are HttpOnly, SameSite=Lax and, where the issuer is https, Secure with the prefix `__Host-`.
    """

    def __init__(self, request: Request, auth: Auth) -> None:
        self._request = request
        self._auth = auth
        self.base = auth.issuer.url.rstrip("/")
        self._is_secure = self.base.startswith("https://")
        known = self._cookie(_BROWSER)
        self._is_new = known is None
        self.browser = Browser(known or new_token(), self._cookie(_SESSION))

    @property
    def csrf(self) -> str:
        """What a form of this browser carries: only who holds the cookie, and this page, can know it."""
        digest = hmac.digest(self.browser.secret.encode(), b"form", hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def language(self, ui_locales: str | None = None) -> Language:
        """Return the language of a page."""
        return language_of(ui_locales, self._request.headers.get("accept-language"))

    def providers(self, language: Language) -> list[dict[str, str]]:
        """Return the external providers that a page offers."""
        return [{"name": each.name, "title": each.title_in(language)} for each in self._auth.providers.by_name.values()]

    async def form(self) -> dict[str, str]:
        """Read a form that one of our own pages has sent. Raises BadData for one that another site has made."""
        form, _ = await read_form(self._request)
        given = form.pop("csrf", "")
        if self._is_new or not hmac.compare_digest(given.encode(), self.csrf.encode()):
            raise BadData("The form is not one that this browser was given, or has expired", field="csrf")
        return form

    def page(self, template: str, language: Language, values: Mapping[str, Any], status: int = 200) -> Response:
        """Answer with a page."""
        held = {"base": self.base, "csrf": self.csrf, **values}
        return self.known(HTMLResponse(render(template, language, held), status, HEADERS))

    def go(self, path: str) -> Response:
        """Send the browser to another page of ours."""
        return self.known(RedirectResponse(self.base + path, 303, HEADERS))

    def step(self, step: Step) -> Response:
        """Answer with what comes next of an authorization request."""
        if isinstance(step, Ask):
            return self.go(f"/oauth/{step.page}?request={step.request_id}")
        return self._answer(step)

    def remember(self, response: Response, session: str | None) -> Response:
        """Give the browser the cookie of its session; None takes it away."""
        if session is None:
            response.delete_cookie(self._name(_SESSION), secure=self._is_secure, httponly=True, samesite="lax")
        else:
            self._set(response, _SESSION, session)
        return response

    def known(self, response: Response) -> Response:
        """Give a new browser what it is known by."""
        if self._is_new:
            self._set(response, _BROWSER, self.browser.secret)
        return response

    def _answer(self, answer: Answer) -> Response:
        if answer.mode == "form_post":
            values = {"action": answer.redirect_uri, "parameters": answer.parameters}
            return self.page("form_post", self.language(), values)
        location = with_parameters(answer.redirect_uri, answer.parameters)
        return self.known(RedirectResponse(location, 303, {**HEADERS, "Content-Security-Policy": "default-src 'none'"}))

    def _cookie(self, name: str) -> str | None:
        value = self._request.cookies.get(self._name(name))
        return value if value and len(value) <= _LONGEST_COOKIE else None

    def _set(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(self._name(name), value, path="/", secure=self._is_secure, httponly=True, samesite="lax")

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self._is_secure else name


class PageRoute(APIRoute):
    """A route whose errors are pages: a person reads them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers the route."""
        answer = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await answer(request)
            except HubError as error:
                visitor = Visitor(request, request.app.state.auth)
                page = visitor.page("error", visitor.language(), {"reason": error.detail}, status_of(error))
                if isinstance(error, Unavailable):
                    page.headers["Retry-After"] = str(error.retry_after_s)
                return page

        return answered
