"""What the routes of imports answer with."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.ingest.store.runs import ImportRun


class Rows(BaseModel):
    """Some rows of the file, numbered as a spreadsheet shows them: a header on the first line is row 1."""

    count: int
    rows: list[int] = Field(description="At most 1,000 of them")


class Repair(Rows):
    """Rows that were accepted after a repair."""

    rule: str = Field(examples=["full-width"])
    description: str
    description_ja: str = Field("", description="The same in Japanese")


class RefusedRows(Rows):
    """Rows that did not become entities."""

    reason: str = Field(examples=["no-name"])
    detail: str = Field(description="The reason of the first of them")
    description_ja: str = Field("", description="What the reason means, in Japanese")


class GuessedColumn(BaseModel):
    """What a column was taken for that no mapping reads."""

    column: str
    attribute: str = Field(description="Attribute, or the part of address or location")
    kind: str
    by: str = Field(description="`name`: mappings know it; `part-of-name`; `values`: by what its cells look like")


class ImportReport(BaseModel):
    """The account of every row: `rows = accepted + empty + refused`."""

    model_config = ConfigDict(extra="ignore")

    file_name: str = Field("", description="Name of the file, where one was given")
    type: str = Field(description="Type of the entities", examples=["Reservoir"])
    mapping: str = Field("", description="Mapping that was used; `guessed` if none fitted", examples=["reservoir-list"])
    feed: str = Field("", description="Feed that the document is of, if it is no file with a mapping")
    connector: str = Field("", description="Connector that fetched the document")
    encoding: str = Field("", description="Encoding of the file, or `spreadsheet`", examples=["utf-8"])
    sheet: str = Field("", description="Sheet of a spreadsheet")
    strict: bool = Field(False, description="Whether rows that need a repair were refused")
    title: str = Field("", description="What stands above the header")
    header_row: int = Field(1, description="Row of the header's last line; 0 if the file has none")
    named_by: str = Field(
        "", description="What the entities are named by: `number`, `code-and-number`, `name` (and address) or `content`"
    )
    naming_columns: list[str] = Field([], description="Columns that name the entities, where not all of them do")
    columns: list[str] = Field([], description="Columns of the file")
    dropped_columns: list[str] = Field([], description="Columns without a name or of instructions")
    unused_columns: list[str] = Field([], description="Columns that the mapping does not read")
    guessed: list[GuessedColumn] = Field([], description="What each column was taken for that no mapping reads")
    guessed_mapping: dict[str, Any] | None = Field(
        None, description="The mapping made up for the file: correct it, and store it for the next one"
    )
    warnings: list[str] = Field([], description="What to look at although all went well")
    error: str = Field("", description="Why the run failed")
    size: int | None = Field(None, description="Rows that there are to read; none while only reading can tell")
    rows: int = Field(0, description="Rows read so far, without the header")
    accepted: int = Field(0, description="Rows that are now entities")
    created: int = Field(0, description="Entities that the broker reports as new")
    corrected: int = Field(0, description="Rows among the accepted that had been refused before")
    empty: Rows = Field(Rows(count=0, rows=[]), description="Rows without content, numbered or not, and remarks")
    repaired: list[Repair] = []
    refused: list[RefusedRows] = []


class Run(BaseModel):
    """An import run."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    status: str = Field(
        description="`running`, `finished`, `failed` if the document could not be read to its end, or `stopped`",
        examples=["finished"],
    )
    progress: float | None = Field(description="Part of the rows that have been read, 0 to 1, where it can be told")
    report: ImportReport


class Runs(BaseModel):
    """A page of import runs, newest first."""

    count: int
    runs: list[Run]


class RefusedRowInfo(BaseModel):
    """A row that became no entity."""

    row: int
    part: str = Field("", description="File in an archive or sheet, where there are several")
    reason: str = Field(examples=["no-name"])
    field: str = Field(description="Column at fault", examples=["名称"])
    detail: str
    cells: dict[str, str] = Field(description="What stood in it, by column")


class RefusedPage(BaseModel):
    """A page of refused rows, in the file's order."""

    count: int
    rows: list[RefusedRowInfo]


class CorrectionResult(BaseModel):
    """What became of rows that were sent again, and the run after it."""

    sent: int
    accepted: int
    refused: int
    run: Run


def shown_run(run: ImportRun) -> Run:
    """Write a run."""
    return Run(
        id=run.run_id,
        started_at=run.started_at,
        finished_at=run.finished_at,
        status=run.status,
        progress=_progress(run.report, run.status),
        report=shown_report(run.report),
    )


def shown_report(report: Mapping[str, Any]) -> ImportReport:
    """Write a report."""
    return ImportReport.model_validate(dict(report))


def _progress(report: Mapping[str, Any], status: str) -> float | None:
    if status == "finished":
        return 1.0
    size = report.get("size")
    return round(min(1.0, report.get("rows", 0) / size), 3) if size else None
