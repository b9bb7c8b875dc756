"""The route that takes in lists of open data."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from services.catalog.api.requests import TheCatalogue, WrittenTenant
from services.catalog.listing.repair import MEANINGS, Rule
from services.catalog.operations import import_listing as operation
from services.kernel.app import Caller
from services.kernel.errors import InvalidRequest
from services.kernel.problems import RESPONSES

router = APIRouter(tags=["Import"])
_SHOWN_ROWS = 1000
_EXAMPLE = """#property,code,prefName,cityName,dataName,category,format,url,apiSupport,license,note
1,37201,香川県,高松市,環境施設,くらし,"xlsx,text",https://example.jp/dataset/environment,有,CC BY 4.0,
"""


class RepairView(BaseModel):
    """What was put right, and where."""

    rule: Rule = Field(description="The rule", examples=["code-completed"])
    meaning: str = Field(description="The rule in words")
    count: int = Field(description="How many rows it was applied to; 1 for the file as a whole", examples=[113])
    rows: list[int] = Field(description="Those rows, the first 1000; the header is row 1", examples=[[2, 3, 4]])


class RefusalView(BaseModel):
    """A row that was not taken."""

    row: int = Field(description="The row; the header is row 1", examples=[17])
    field: str | None = Field(description="The column that is wrong", examples=["url"])
    reason: str = Field(description="What is wrong with it", examples=["dataName is empty"])


class ImportReport(BaseModel):
    """What an import found and did. `rows_read` = `accepted` + `refused` + `empty`."""

    tenant: str = Field(description="Whose list it is", examples=["takamatsu"])
    source: str = Field(description="Under which name it is known", examples=["open_data_list"])
    rows_read: int = Field(description="Rows below the header that are not blank", examples=[113])
    accepted: int = Field(description="Rows that are data sets now", examples=[113])
    created: int = Field(description="Data sets that are new", examples=[113])
    updated: int = Field(description="Data sets that the list says something new about", examples=[0])
    unchanged: int = Field(description="Data sets that stayed as they were", examples=[0])
    empty: int = Field(description="Rows with nothing but a running number", examples=[0])
    repairs: list[RepairView] = Field(description="What was put right")
    refused: list[RefusalView] = Field(description="Rows that were not taken, and why")
    missing: list[str] = Field(description="Names of earlier data sets that the list lacks")
    withdrawn: list[str] = Field(description="Names of those of them that were withdrawn now")


@dataclass(frozen=True)
class Options:
    """How a list is taken in."""

    source: Annotated[
        str, Query(pattern=r"^[A-Za-z0-9_.-]{1,100}$", description="Name of the list, to tell several apart")
    ] = "open_data_list"
    missing: Annotated[
        Literal["keep", "withdraw"], Query(description="What becomes of data sets that the list no longer has")
    ] = "keep"


@router.post(
    "/datasets/import",
    summary="Import a list of open data (CSV)",
    response_model=ImportReport,
    responses={status: RESPONSES[status] for status in (400, 401, 403, 404, 413, 503)},
    description="""Takes a city's list of its open data, one row for each data set, as it is published: UTF-8 with or
without a byte order mark, UTF-16 or CP932; columns by their English or Japanese names; a header over two rows;
columns with instructions. What can be repaired is repaired and reported, what cannot is refused with its reason;
the other rows are taken.

The same file again changes nothing. A data set is known again by its page and name; if only one of them changed, by
the other. What was edited by hand stays. Needs a grant to `publish` in the tenant.""",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {
                    "schema": {"type": "string", "format": "binary"},
                    "example": _EXAMPLE,
                }
            },
        }
    },
)
async def post_listing(
    request: Request,
    catalogue: TheCatalogue,
    caller: Caller,
    tenant: WrittenTenant,
    options: Annotated[Options, Depends()],
) -> ImportReport:
    """Import a list of open data."""
    caller.require("publish", tenant)
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise InvalidRequest("Send the file itself as the body (text/csv), not as a form", field="Content-Type")
    wanted = operation.Request(tenant, options.source, options.missing == "withdraw", caller.subject)
    outcome = await operation.import_listing(catalogue, wanted, await request.body())
    return _report(wanted, outcome)


def _report(request: operation.Request, outcome: operation.Outcome) -> ImportReport:
    listing = outcome.listing
    return ImportReport(
        tenant=request.tenant,
        source=request.source,
        rows_read=listing.rows_read,
        accepted=len(listing.entries),
        created=len(outcome.created),
        updated=len(outcome.updated),
        unchanged=outcome.unchanged,
        empty=len(listing.empty_rows),
        repairs=[
            RepairView(rule=rule, meaning=MEANINGS[rule], count=max(len(rows), 1), rows=rows[:_SHOWN_ROWS])
            for rule, rows in listing.repairs.rows.items()
        ],
        refused=[RefusalView(row=each.row, field=each.column, reason=each.reason) for each in listing.refusals],
        missing=list(outcome.missing),
        withdrawn=list(outcome.withdrawn),
    )
