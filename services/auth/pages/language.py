"""Which language a page is in: what the application asks for, else what the browser prefers, else Japanese."""

from typing import Literal

Language = Literal["ja", "en"]


def language_of(ui_locales: str | None, accept_language: str | None) -> Language:
    """Return the first known language of `ui_locales`, else of `Accept-Language` (by weight), else Japanese."""
    for locale in (ui_locales or "").split():
        found = _known(locale)
        if found is not None:
            return found
    for _, locale in sorted(_weighted(accept_language or ""), key=lambda each: -each[0]):
        found = _known(locale)
        if found is not None:
            return found
    return "ja"


def _known(locale: str) -> Language | None:
    match locale.partition("-")[0].strip().lower():
        case "ja":
            return "ja"
        case "en":
            return "en"
    return None


def _weighted(header: str) -> list[tuple[float, str]]:
    found = []
    for part in header[:500].split(","):
        locale, _, weight = part.partition(";q=")
        try:
            found.append((float(weight) if weight else 1.0, locale))
        except ValueError:
            continue
    return found
