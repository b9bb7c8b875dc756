"""From a row to what it says of a data set, or why it is refused."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from services.catalog.domain import file_format, frequency, licence, local_government, theme
from services.catalog.domain.dataset import Content
from services.catalog.domain.distribution import Distribution
from services.catalog.listing.column import Column
from services.catalog.listing.repair import Repairs, Rule
from services.catalog.listing.table import Row
from services.kernel.errors import BadData, InvalidRequest

LONGEST_NAME = 500
LONGEST_URL = 2000
_DATE = re.compile(r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})日?\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row says, and what tells its data set from the others of the same list."""

    row: int
    name: str
    url: str
    content: Content

    @property
    def key(self) -> str:
        """The hash of page and name: neither alone is unique in real lists."""
        return hashlib.sha256(f"{self.url}\n{self.name}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row is not taken."""

    row: int
    column: Column | None
    reason: str


def read_entry(row: Row, repairs: Repairs) -> Entry | Refusal:
    """Read one row; what is repaired is noted, what cannot be is refused with its reason."""
    try:
        return _entry(row, repairs)
    except InvalidRequest as error:
        return Refusal(row.number, Column(error.field) if error.field else None, error.detail)


def _entry(row: Row, repairs: Repairs) -> Entry:
    name, url = _name(row), _url(row)
    content = Content(
        titles={"ja": name},
        descriptions={"ja": row[Column.DESCRIPTION] or _description(row, name)},
        licence=licence.recognise(row[Column.LICENCE]),
        licence_text=row[Column.LICENCE],
        themes=theme.themes_of(row[Column.CATEGORY]),
        keywords=(row[Column.CATEGORY],) if row[Column.CATEGORY] else (),
        spatial=_code(row, repairs),
        frequency=frequency.recognise(row[Column.FREQUENCY]),
        issued=_date(row, Column.ISSUED),
        modified=_date(row, Column.MODIFIED),
        landing_page=url or None,
        extras=_extras(row),
        distributions=_distributions(row[Column.FORMAT], url),
    )
    if row[Column.CATEGORY] and not content.themes:
        repairs.note(Rule.UNKNOWN_CATEGORY, row.number)
    return Entry(row.number, name, url, content)


def _name(row: Row) -> str:
    name = " ".join(row[Column.NAME].split())
    if not name:
        raise BadData("dataName is empty", field=Column.NAME)
    if len(name) > LONGEST_NAME:
        raise BadData(f"dataName is longer than {LONGEST_NAME} characters", field=Column.NAME)
    return name


def _url(row: Row) -> str:
    url = row[Column.URL]
    if not url:
        return ""
    if not is_web_address(url):
        raise BadData(f"url '{url[:100]}' is not an http or https address", field=Column.URL)
    return url


def is_web_address(text: str) -> bool:
    """Tell whether a text is a complete http or https address without white space."""
    if len(text) > LONGEST_URL or re.search(r"[\s<>\"{}|\\^`\x00-\x1f]", text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def _code(row: Row, repairs: Repairs) -> str | None:
    written = row[Column.CODE]
    if not written:
        return None
    code = local_government.repair(written, row[Column.PREFECTURE])
    if code != written:
        repairs.note(Rule.CODE_COMPLETED, row.number)
    return code


def _date(row: Row, column: Column) -> str | None:
    written = row[column]
    if not written:
        return None
    match = _DATE.match(written.split("T")[0].split(" ")[0])
    try:
        return date(*(int(part) for part in match.groups())).isoformat() if match else _bad_date(written, column)
    except ValueError:
        return _bad_date(written, column)


def _bad_date(written: str, column: Column) -> str:
    raise BadData(f"{column} '{written[:100]}' is not a date", field=column)


def _description(row: Row, name: str) -> str:
    """Say what the other columns say, since DCAT-AP wants a description and most lists have none."""
    place = row[Column.PREFECTURE] + row[Column.CITY]
    publisher = f"{place}が公開する" if place else ""
    category = f"（分類: {row[Column.CATEGORY]}）" if row[Column.CATEGORY] else ""
    note = f" {row[Column.NOTE]}" if row[Column.NOTE] else ""
    return f"{publisher}データセット「{name}」{category}。{note}".strip()


def _extras(row: Row) -> dict[str, str]:
    return {name.value: row[name] for name in (Column.API_SUPPORT, Column.NOTE) if row[name]}


def _distributions(formats: str, url: str) -> tuple[Distribution, ...]:
    """Return one distribution for each format; the list knows no address but the page's."""
    if not url:
        return ()
    found = []
    for wording in file_format.split_list(formats) or ("",):
        known = file_format.recognise(wording)
        found.append(Distribution(access_url=url, title=known.name, format=known.name, media_type=known.media_type))
    return tuple(found)
