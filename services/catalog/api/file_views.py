"""What clients get to see of uploaded files."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from services.catalog.domain.addresses import Addresses
from services.catalog.domain.stored_file import StoredFile


class ColumnView(BaseModel):
    """What a column of a table holds."""

    name: str = Field(description="Its heading", examples=["名称"])
    type: str = Field(description="Narrowest type that all cells have", examples=["string"])
    missing: int = Field(description="Empty cells", examples=[0])
    distinct: int = Field(description="Different values, at most 10,000", examples=[113])
    least: str | None = Field(None, description="Least value")
    greatest: str | None = Field(None, description="Greatest value")
    longest: int = Field(description="Characters of the longest value", examples=[24])
    frequent: list[tuple[str, int]] = Field(description="Most frequent values, each with how often it comes")


class FaultView(BaseModel):
    """What is wrong with a table."""

    code: str = Field(description="Kind of fault", examples=["type"])
    message: str = Field(description="What is wrong", examples=["緯度 is no number: 不明"])
    row: int | None = Field(None, description="Row; the header is row 1", examples=[17])
    column: str | None = Field(None, description="Column", examples=["緯度"])


class ValidationView(BaseModel):
    """What a table was found to be."""

    is_valid: bool = Field(description="Whether nothing is wrong")
    rows: int = Field(description="Rows below the header", examples=[113])
    faults: int = Field(description="Faults in all", examples=[2])
    listed: list[FaultView] = Field(description="The first 1000 of them")

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> "ValidationView":
        """Show a validation."""
        return cls(is_valid=found["faults"] == 0, **found)


class FileView(BaseModel):
    """A file that the catalogue keeps."""

    id: uuid.UUID = Field(description="Its identifier, and that of its distribution")
    is_draft: bool = Field(description="Whether it waits in a working copy, to take the place of the published one")
    name: str = Field(description="Its name", examples=["372013_aed.csv"])
    url: str = Field(description="Where it is downloaded")
    media_type: str = Field(description="Its media type", examples=["text/csv"])
    byte_size: int = Field(description="Its size in bytes", examples=[20480])
    checksum: str = Field(description="Its SHA-256, hexadecimal")
    created_at: datetime = Field(description="When it was uploaded")
    encoding: str | None = Field(None, description="Encoding of a text table", examples=["cp932"])
    delimiter: str | None = Field(None, description="What separates its columns", examples=[","])
    table_rows: int | None = Field(None, description="Rows of the table; none for other files", examples=[113])
    columns: list[ColumnView] | None = Field(None, description="Profile of each column, of the first 100,000 rows")
    validation: ValidationView | None = Field(None, description="Outcome of the last validation by a Table Schema")


class RowsView(BaseModel):
    """A page of a table."""

    total: int = Field(description="How many rows there are that were asked for", examples=[113])
    columns: list[str] = Field(description="Names of the columns")
    rows: Sequence[Sequence[str]] = Field(description="Cells of each row, as texts")


def file_view(file: StoredFile, addresses: Addresses) -> FileView:
    """Show a file."""
    return FileView(
        id=file.identifier,
        is_draft=file.is_proposed,
        name=file.name,
        url=addresses.of_file(file),
        media_type=file.media_type,
        byte_size=file.byte_size,
        checksum=file.checksum,
        created_at=file.created_at,
        encoding=file.encoding or None,
        delimiter=file.delimiter or None,
        table_rows=file.table_rows,
        columns=None if file.columns is None else [ColumnView(**each) for each in file.columns],
        validation=None if file.validation is None else ValidationView.of(file.validation),
    )
