"""The document of an import as it is sent: the body itself, a form's file, or an address to fetch it from."""

from datetime import datetime
from typing import Literal
from urllib.parse import unquote

import orjson
from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from services.ingest.importing.shelf import Wanted
from services.ingest.importing.source import Reading
from services.ingest.operations.document import Sending
from services.kernel.errors import InvalidRequest

_JSON = "application/json"
_MOST_OPTIONS = 20


class WantedImport(BaseModel):
    """What the document is, where it does not tell itself, and how it is to be read."""

    type: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        pattern=r"^[^0-9\s<>\"'=;(){}\[\],|\\^`][^\s<>\"'=;(){}\[\],|\\^`]*$",
        description="Type of the entities",
    )
    mapping: str | None = Field(None, max_length=200, description="Name of a mapping, of `/imports/mappings`")
    feed: str | None = Field(None, max_length=100, description="Name of a feed, of `/imports/feeds`")
    name: str = Field("", max_length=300, description="Name of the file: it helps to find mapping and type")
    title: str = Field("", max_length=300, description="What the document is called, where its file's name says little")
    sheet: str | None = Field(None, max_length=100, description="Name or number of a spreadsheet's sheet")
    encoding: str | None = Field(None, max_length=50, description="Encoding, where it is not found out rightly")
    datum: Literal["world", "tokyo"] | None = Field(None, description="Datum of the coordinates")
    strict: bool = Field(False, description="Refuse rows that need a repair, and files that no mapping fits")
    dry_run: bool = Field(False, description="Read the document and report, but write nothing")
    wait_s: float = Field(60, ge=0, le=60, description="Longest wait for the end of the run; 0 for an answer at once")
    option: list[str] = Field([], max_length=_MOST_OPTIONS, description="Options of the feed, each `name=value`")

    def sending(self, content: bytes, content_type: str, now: datetime) -> Sending:
        """Join what the caller says with the document. Raises InvalidRequest."""
        options = dict(_option(each) for each in self.option)
        return Sending(
            content=content,
            received_at=now,
            wanted=Wanted(self.type, self.mapping, self.name, self.title),
            reading=Reading(self.strict, self.encoding, self.sheet, self.datum),
            feed=self.feed,
            content_type=content_type,
            options=options,
        )


class FetchedFrom(BaseModel):
    """Where a document is to be fetched from."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=1, max_length=2000)


def _option(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise InvalidRequest(f"option must be name=value, not {text:.60}", field="option")
    return name, value


async def read_sending(request: Request, wanted: WantedImport) -> Sending:
    """Return the document that the body holds, or that it names. Raises InvalidRequest, Unavailable."""
    parts = request.app.state.parts
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.startswith("multipart/"):
        return await _posted(request, wanted)
    body = await request.body()
    if kind != _JSON:
        named = wanted if wanted.name else wanted.model_copy(update={"name": _attached_name(request)})
        return named.sending(body, kind, parts.clock())
    try:
        source = FetchedFrom.model_validate(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise InvalidRequest(f"The body is not JSON: {error}", field="body") from None
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(str(each) for each in fault["loc"]) or "body"
        raise InvalidRequest(f"{field}: {fault['msg']}", field=field) from None
    fetched = await parts.fetcher.fetch_once(source.url)
    named = wanted if wanted.name else wanted.model_copy(update={"name": fetched.name[:300]})
    return named.sending(fetched.content, fetched.content_type, parts.clock())


async def _posted(request: Request, wanted: WantedImport) -> Sending:
    """Return the one file of a form, as a browser or `curl -F` sends it. Raises InvalidRequest."""
    try:
        async with request.form(max_files=1, max_fields=0) as form:
            file = next((each for each in form.values() if isinstance(each, UploadFile)), None)
            if file is None:
                raise InvalidRequest("The form has no file", field="body")
            named = wanted if wanted.name else wanted.model_copy(update={"name": (file.filename or "")[:300]})
            return named.sending(await file.read(), "", request.app.state.parts.clock())
    except (HTTPException, MultiPartException) as error:
        words = "A form must have one file and nothing else: parameters are in the address"
        raise InvalidRequest(words, field="body") from error


def _attached_name(request: Request) -> str:
    """Return the file name of a Content-Disposition header (RFC 6266), empty without one."""
    for part in request.headers.get("content-disposition", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name.lower() == "filename*":
            return unquote(value.rpartition("''")[2])[:300]
        if name.lower() == "filename":
            return unquote(value.strip('"'))[:300]
    return ""
