"""Rendering pages: templates, language, and the policy that keeps a page to its own origin."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.catalog.domain.addresses import emblem_path
from services.catalog.portal import look_words, quality_words, version_words, words
from services.catalog.portal.assets import address
from services.catalog.portal.language import COOKIE, Language, choose
from services.catalog.portal.site import Site

_YEAR_S = 31_536_000
TILES = "https://cyberjapandata.gsi.go.jp"
"""Where map tiles come from: the Geospatial Information Authority of Japan."""


@cache
def environment() -> Environment:
    """Return the templates; all that is put into them is escaped, and what is not there is an error."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = address
    made.globals["emblem_path"] = emblem_path
    made.globals["words"] = words
    made.globals["look_words"] = look_words
    made.globals["quality_words"] = quality_words
    made.globals["version_words"] = version_words
    return made


@dataclass(frozen=True, slots=True)
class Page:
    """A request for a page: who asks, in which language."""

    request: Request
    site: Site
    language: Language
    is_asked: bool = False

    @classmethod
    def of(cls, request: Request) -> "Page":
        """Read what a request says of its reader."""
        chosen = choose(request)
        return cls(request, request.app.state.site(), chosen.language, chosen.is_asked)

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.site.catalogue.clock()

    def render(self, template: str, code: int = 200, **values: Any) -> Response:
        """Answer with a page."""
        body = (
            environment()
            .get_template(template)
            .render(
                t=self.language,
                lang=self.language.value,
                site=self.site,
                path=self.request.url.path,
                in_language=self.in_language,
                can_sign_in="sessions" in self.request.scope.get("state", {}),
                is_signed_in="authorization" in self.request.headers,
                **values,
            )
        )
        response = HTMLResponse(body, code, headers=self._headers())
        if self.is_asked:
            response.set_cookie(COOKIE, self.language.value, max_age=_YEAR_S, samesite="lax", httponly=True)
        return response

    def in_language(self, language: str) -> str:
        """Return the address of this page in a language."""
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name != "lang"]
        return f"{self.request.url.path}?{urlencode([*kept, ('lang', language)])}"

    def _headers(self) -> dict[str, str]:
        return {
            "Content-Security-Policy": policy(self.site.broker),
            "Content-Language": self.language.value,
            "Referrer-Policy": "same-origin",
            "Vary": "Accept, Accept-Language, Cookie, Authorization",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cache-Control": "no-cache",
        }


def policy(broker: str) -> str:
    """Return the content security policy: own files alone, map tiles, and the context broker's data."""
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' data: blob: {TILES}",
        "connect-src": f"'self' {broker} {TILES}",
        "worker-src": "blob:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
