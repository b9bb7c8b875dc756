"""Numbers and times written for people, in the languages that Hiroba's users have.

A small part of ECMA-402: `en-US`, `en-GB`, `ja-JP`, `es-ES`, `de-DE`, `fr-FR`; any other is written as `en-US`.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.ingest.domain.expression.coercion import is_number
from services.ingest.domain.expression.instants import read_date

_SEPARATORS: Final = {"es": (".", ","), "de": (".", ","), "fr": ("\u202f", ",")}
_DATES: Final = {
    "ja": "{0.year}/{0.month}/{0.day} {0.hour}:{0:%M:%S}",
    "en-gb": "{0:%d/%m/%Y, %H:%M:%S}",
    "es": "{0.day}/{0.month}/{0.year}, {0.hour}:{0:%M:%S}",
    "de": "{0.day}.{0.month}.{0.year}, {0:%H:%M:%S}",
    "fr": "{0:%d/%m/%Y %H:%M:%S}",
}
_MOST_PLACES: Final = 20


def write_number(number: Any, locale: Any = None, options: Any = None) -> str | None:
    """Write a number with its separators, by default with at most three decimals."""
    if not is_number(number) or number != number:  # noqa: PLR0124
        return None
    given: Mapping[str, Any] = options if isinstance(options, dict) else {}
    least = _places(given.get("minimumFractionDigits"), 0)
    most = max(least, _places(given.get("maximumFractionDigits"), max(3, least)))
    rounded = Decimal(repr(number)).quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    whole, _, fraction = f"{rounded:,f}".partition(".")
    fraction = fraction.rstrip("0").ljust(least, "0") if least < most else fraction
    thousands, point = _SEPARATORS.get(_language(locale), (",", "."))
    grouped = whole if given.get("useGrouping") is False else whole.replace(",", "\0")
    grouped = grouped.replace(",", "").replace("\0", thousands)
    return f"{grouped}{point}{fraction}" if fraction else grouped


def write_time(value: Any, locale: Any = None, options: Any = None) -> str | None:
    """Write a time; `timeZone` of the options is its zone, else UTC."""
    instant = read_date(value)
    if instant is None:
        return None
    zone = options.get("timeZone", "UTC") if isinstance(options, dict) else "UTC"
    local = instant.astimezone(ZoneInfo(str(zone)))
    name = str(locale or "en-US").lower()
    pattern = _DATES.get(name) or _DATES.get(_language(locale))
    if pattern is not None:
        return pattern.format(local)
    return f"{local.month}/{local.day}/{local.year}, {local.hour % 12 or 12}:{local:%M:%S} {local:%p}"


def _language(locale: Any) -> str:
    return str(locale or "en").lower().partition("-")[0]


def _places(value: Any, default: int) -> int:
    return min(max(int(value), 0), _MOST_PLACES) if is_number(value) else default
