"""Renders pages: templates in this package, words in the person's language, every value escaped."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.auth.pages.language import Language
from services.auth.pages.words import WORDS

_FOLDER = Path(__file__).parent
ASSETS = {"pages.css": "text/css", "form_post.js": "text/javascript", "passkeys.js": "text/javascript"}
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""The Content-Security-Policy. `form-action` is left out: it would also hold the way back to the application."""


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, language: Language, values: Mapping[str, Any]) -> str:
    """Return a page. `template` is its name; `t` in it are the words of the language."""
    words = {name: each[language] for name, each in WORDS.items()}
    return _environment().get_template(f"{template}.html").render(t=words, language=language, **values)


@cache
def asset(name: str) -> bytes:
    """Return a file that pages refer to. Raises KeyError."""
    return (_FOLDER / "assets" / name).read_bytes() if name in ASSETS else _missing(name)


def _missing(name: str) -> bytes:
    raise KeyError(name)
