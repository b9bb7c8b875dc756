"""A connector: where ingest fetches a document itself, when, and what the document is."""

import base64
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from random import uniform
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from services.ingest.connectors.schedule import read_times
from services.kernel.errors import InvalidRequest

_NAMED = re.compile(r"\{([A-Za-z][A-Za-z0-9_]{0,49})\}")
_JITTER = 0.05
_FIRST_RETRY_S, _LONGEST_RETRY_S = 30.0, 3600.0
_MOST_DOUBLINGS = 10
_FORBIDDEN = frozenset({"host", "content-length", "connection", "transfer-encoding"})
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\Z")
Text = Annotated[str, Field(max_length=2000, pattern=r"^[^\r\n\x00]*$")]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Schedule(_Data):
    """Every so many seconds, or at times as cron writes them."""

    every_s: int | None = Field(None, ge=10, le=31 * 86_400, description="Seconds between two runs")
    at: str | None = Field(
        None, max_length=200, description="`minute hour day-of-month month day-of-week`", examples=["15 6 * * *"]
    )

    @model_validator(mode="after")
    def _refuse_contradictions(self) -> "Schedule":
        if (self.every_s is None) == (self.at is None):
            raise ValueError("schedule has either every_s or at")
        return self

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime:
        """Return when the next run is due; intervals vary a little, so that connectors do not run all at once.

        Raises InvalidRequest.
        """
        if self.at is not None:
            return read_times(self.at, zone).next_after(moment)
        return moment + timedelta(seconds=float(self.every_s or 0) * uniform(1, 1 + _JITTER))  # noqa: S311


class Push(_Data):
    """How who sends a document is known: by a signature of its content, or by a token."""

    scheme: Literal["hmac-sha256", "token"] = Field(
        description="`hmac-sha256`: the header has the signature in hexadecimal digits or base64, `sha256=` before it "
        "or not; `token`: it has the secret itself, `Bearer` before it or not"
    )
    header: str = Field("X-Hub-Signature-256", max_length=100, description="Header with signature or token")
    secret: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,49}$", description="Name of the secret")

    def is_from_sender(self, given: str, content: bytes, secret: str) -> bool:
        """Tell whether a header's value shows that the sender of some content knows the secret."""
        if self.scheme == "token":
            return hmac.compare_digest(given.removeprefix("Bearer ").encode(), secret.encode())
        digest = hmac.new(secret.encode(), content, "sha256").digest()
        wanted = (digest.hex(), base64.b64encode(digest).decode())
        shown = given.removeprefix("sha256=")
        return any(hmac.compare_digest(shown.encode(), each.encode()) for each in wanted)


class ConnectorDocument(_Data):
    """What a connector is, without its secrets. `{name}` in address and headers stands for a secret."""

    url: Text | None = Field(
        None, min_length=1, description="Where it is fetched", examples=["https://gtfs.example.jp/vehicles?key={key}"]
    )
    schedule: Schedule | None = Field(None, description="When it is fetched")
    push: Push | None = Field(None, description="How its senders are known, if it is sent here instead of fetched")
    description: str = Field("", max_length=500)
    headers: dict[str, Text] = Field(
        default_factory=dict, max_length=20, description="Headers of the request", examples=[{"X-Api-Key": "{key}"}]
    )
    feed: str | None = Field(None, max_length=100, description="Feed that the document is of")
    mapping: str | None = Field(None, max_length=200, description="Mapping for the document")
    type: str | None = Field(
        None, min_length=1, max_length=200, pattern=r"^[^\s<>\"'=;(){}\[\],|\\^`]+$", description="Type of its entities"
    )
    options: dict[str, str] = Field(default_factory=dict, max_length=20, description="Options of the feed")
    sheet: str | None = Field(None, max_length=100)
    encoding: str | None = Field(None, max_length=50)
    datum: Literal["world", "tokyo"] | None = None
    strict: bool = Field(False, description="Refuse rows that need a repair")
    is_active: bool = Field(True, description="Whether it runs by its schedule")

    @field_validator("url")
    @classmethod
    def _refuse_passwords(cls, url: str | None) -> str | None:
        if url is None:
            return None
        try:
            parts = urlsplit(url)
        except ValueError:
            raise ValueError("is no address") from None
        if "@" in parts.netloc:
            raise ValueError("must not hold a user or password: use secrets, as in headers {'Authorization': '{key}'}")
        return url

    @field_validator("headers")
    @classmethod
    def _refuse_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name in headers:
            if not _HEADER_NAME.match(name) or name.lower() in _FORBIDDEN:
                raise ValueError(f"{name:.60} cannot be set")
        return headers

    @model_validator(mode="after")
    def _refuse_nothing(self) -> "ConnectorDocument":
        if self.push is None and (self.url is None or self.schedule is None):
            raise ValueError("say url and schedule, or push")
        if self.push is not None and (self.url is not None or self.schedule is not None or self.headers):
            raise ValueError("push stands alone, without url, headers and schedule")
        if not (self.feed or self.mapping or self.type):
            raise ValueError("say feed, mapping or type: what the document is must not depend on who sends it")
        if self.feed and (self.mapping or self.type):
            raise ValueError("feed stands alone, without mapping and type")
        return self

    def names_of_secrets(self) -> frozenset[str]:
        """Return the names of the secrets that address and headers use."""
        found = {name for text in (self.url or "", *self.headers.values()) for name in _NAMED.findall(text)}
        return frozenset(found | ({self.push.secret} if self.push else set()))

    def address(self, secrets: Mapping[str, str]) -> str:
        """Return the address with its secrets, percent-encoded."""
        return _NAMED.sub(lambda found: quote(secrets.get(found[1], found[0]), safe=""), self.url or "")

    def filled_headers(self, secrets: Mapping[str, str]) -> dict[str, str]:
        """Return the headers with their secrets."""
        return {
            name: _NAMED.sub(lambda found: secrets.get(found[1], found[0]), text) for name, text in self.headers.items()
        }

    def check_secrets(self, secrets: Mapping[str, str]) -> None:
        """Refuse secrets that lack one that is used. Raises InvalidRequest."""
        missing = sorted(self.names_of_secrets() - set(secrets))
        if missing:
            raise InvalidRequest(f"secrets lacks {', '.join(missing)}, which url, headers or push use", field="secrets")


def retry_after(failures: int) -> timedelta:
    """Return the pause after so many failures: half a minute at first, doubled each time up to an hour, with jitter."""
    longest = min(_LONGEST_RETRY_S, _FIRST_RETRY_S * 2 ** min(failures - 1, _MOST_DOUBLINGS))
    return timedelta(seconds=longest * uniform(0.5, 1))  # noqa: S311
