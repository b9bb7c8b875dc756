"""Which language a reader wants: the address says so, else the cookie, else the browser."""

import re
from dataclasses import dataclass
from enum import StrEnum

from starlette.requests import Request

COOKIE = "hiroba_language"
_RANGE = re.compile(r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]{1,30})?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?))?\s*\Z")


class Language(StrEnum):
    """The languages of the portal."""

    JA = "ja"
    EN = "en"

    def __call__(self, japanese: str, english: str) -> str:
        """Return a text in this language."""
        return japanese if self is Language.JA else english


@dataclass(frozen=True, slots=True)
class Choice:
    """A language, and whether the address asked for it, so that it is remembered."""

    language: Language
    is_asked: bool = False


def choose(request: Request) -> Choice:
    """Return the language for a request (RFC 9110, 12.5.4); Japanese where nothing else is wanted."""
    asked = request.query_params.get("lang", "")
    if asked in set(Language):
        return Choice(Language(asked), is_asked=True)
    remembered = request.cookies.get(COOKIE, "")
    if remembered in set(Language):
        return Choice(Language(remembered))
    return Choice(_accepted(request.headers.get("accept-language", "")))


def _accepted(header: str) -> Language:
    wanted = []
    for place, part in enumerate(header[:500].split(",")):
        read = _RANGE.match(part)
        if read is not None and float(read[2] or 1) > 0:
            wanted.append((-float(read[2] or 1), place, read[1].lower()))
    for _, _, name in sorted(wanted):
        if name in set(Language):
            return Language(name)
    return Language.JA if not wanted or any(name == "*" for _, _, name in wanted) else Language.EN
