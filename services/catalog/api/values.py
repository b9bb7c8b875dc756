"""The constrained values of requests, each with its rule in words."""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from services.catalog.domain import frequency, licence, local_government, theme
from services.catalog.domain.slug import is_name
from services.catalog.domain.unit import read_path
from services.catalog.listing.entry import LONGEST_NAME, LONGEST_URL, is_web_address
from services.kernel.clock import from_iso
from services.kernel.errors import BadData
from services.kernel.postgres import dumps_text

_LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})\Z")


def _web_address(text: str) -> str:
    if not is_web_address(text):
        raise ValueError("must be a complete http or https address")
    return text


def _code(text: str) -> str:
    if not local_government.is_code(text):
        raise ValueError("must be a six-digit 全国地方公共団体コード with its check digit")
    return text


def _moment(text: str) -> str:
    try:
        if _DATE.match(text):
            return date.fromisoformat(text).isoformat()
        if _DATE_TIME.match(text):
            from_iso(text)
            return text
    except ValueError:
        pass
    raise ValueError("must be a date (2026-04-01) or a date-time with zone (2026-04-01T09:00:00+09:00)")


def _name(text: str) -> str:
    if not is_name(text):
        raise ValueError("must be 2 to 100 of a-z, 0-9, - and _")
    return text


def _unit(text: str) -> str:
    try:
        return read_path(text)
    except BadData as error:
        raise ValueError(error.detail) from error


def _one_of(known: set[str], what: str) -> AfterValidator:
    def check(text: str) -> str:
        if text not in known:
            raise ValueError(f"must be {what}: {', '.join(sorted(known))}")
        return text

    return AfterValidator(check)


def _text(longest: int) -> StringConstraints:
    return StringConstraints(min_length=1, max_length=longest, strip_whitespace=True, pattern=r"^[^\x00]*$")


Language = Annotated[str, StringConstraints(pattern=_LANGUAGE)]
Title = Annotated[str, _text(LONGEST_NAME)]
Description = Annotated[str, _text(20_000)]
Keyword = Annotated[str, _text(100)]
ShortText = Annotated[str, _text(200)]
Titles = Annotated[dict[Language, Title], Field(min_length=1, max_length=20)]
Descriptions = Annotated[dict[Language, Description], Field(min_length=1, max_length=20)]
Extras = Annotated[dict[ShortText, Annotated[str, _text(2000)]], Field(max_length=100)]
Url = Annotated[str, StringConstraints(max_length=LONGEST_URL), AfterValidator(_web_address)]
Email = Annotated[str, StringConstraints(max_length=254, pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$")]
MediaType = Annotated[str, StringConstraints(max_length=127, pattern=r"^[a-z]+/[A-Za-z0-9.+_-]+$")]
Code = Annotated[str, AfterValidator(_code)]
Moment = Annotated[str, AfterValidator(_moment)]
Name = Annotated[str, AfterValidator(_name)]
LicenceId = Annotated[str, _one_of(set(licence.LICENCES), "a licence of /licences")]
ThemeCode = Annotated[str, _one_of(set(theme.THEMES), "a theme of /themes")]
FrequencyCode = Annotated[str, _one_of(set(frequency.FREQUENCIES), "an EU frequency code")]


def _box(corners: list[float]) -> tuple[float, ...]:
    west, south, east, north = corners
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError("must be west, south, east, north in degrees, with west <= east and south <= north")
    return tuple(corners)


def _policy(policy: dict[str, object]) -> dict[str, object]:
    """Hold a policy against what ODRL 2.2 asks of every one: a type, and some rule."""
    kind = str(policy.get("@type", policy.get("type", "")))
    if kind.rpartition(":")[2] not in _POLICY_TYPES:
        raise ValueError(f"must have an @type of {', '.join(_POLICY_TYPES)}")
    if not any(policy.get(rule) for name in _POLICY_RULES for rule in (name, f"odrl:{name}")):
        raise ValueError(f"must have one of {', '.join(_POLICY_RULES)}")
    if len(dumps_text(policy)) > _LONGEST_POLICY:
        raise ValueError(f"must be at most {_LONGEST_POLICY} characters of JSON")
    return policy


_POLICY_TYPES = ("Set", "Offer", "Agreement", "Policy")
_POLICY_RULES = ("permission", "prohibition", "obligation")
_LONGEST_POLICY = 20_000
_AVAILABILITIES = {"STABLE", "AVAILABLE", "EXPERIMENTAL", "TEMPORARY"}
_Corner = Annotated[float, Field(allow_inf_nan=False)]
BoxValue = Annotated[list[_Corner], Field(min_length=4, max_length=4), AfterValidator(_box)]
Policy = Annotated[dict[str, object], AfterValidator(_policy)]
AgeSeconds = Annotated[int, Field(ge=60, le=3_153_600_000)]
Bytes = Annotated[int, Field(ge=0, le=2**60)]
Checksum = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{64}$")]
Urls = Annotated[list[Url], Field(max_length=50)]
UnitPath = Annotated[str, StringConstraints(max_length=600), AfterValidator(_unit)]
Availability = Annotated[str, _one_of(_AVAILABILITIES, "an EU planned-availability code")]
