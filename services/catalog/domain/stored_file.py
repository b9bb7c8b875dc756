"""A file that the catalogue keeps, and what was found in it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a data set. `file_id` is also the identifier of its distribution, once it is published.

    `checksum` is its SHA-256, hexadecimal; `encoding` and `delimiter` are those of text tables. `columns` has each
    column's profile, None where the file is no table; `table_rows` are its rows, of which the first 100,000 can be
    asked for one by one. `table_schema` is the schema that it was held against, `validation` what was found then.
    `proposed_as` is the distribution whose file it becomes when its working copy is published; None: it is no part of
    one.
    """

    tenant_id: int
    file_id: uuid.UUID
    dataset_id: uuid.UUID
    name: str
    media_type: str
    byte_size: int
    checksum: str
    created_at: datetime
    encoding: str = ""
    delimiter: str = ""
    table_rows: int | None = None
    columns: tuple[Mapping[str, Any], ...] | None = None
    table_schema: Mapping[str, Any] | None = None
    validation: Mapping[str, Any] | None = None
    proposed_as: uuid.UUID | None = None

    @property
    def identifier(self) -> uuid.UUID:
        """The identifier of its distribution."""
        return self.proposed_as or self.file_id

    @property
    def is_proposed(self) -> bool:
        """Whether it waits in a working copy."""
        return self.proposed_as is not None
