"""The first line of a CSV file as it passes by: read, put in other words, marked for Excel."""

import codecs
import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence

from services.catalog.domain.column_label import NAMES, label

_LONGEST_HEADING = 1024 * 1024


def headed(names: Sequence[str], language: str, units: Mapping[str, str]) -> list[str]:
    """Return headings for columns, in `ja` or `en` or as they are called; no two are the same."""
    if language == NAMES:
        return list(names)
    labels = [label(name, language, units) for name in names]
    return [each if labels.count(each) == 1 else f"{each} ({name})" for each, name in zip(labels, names, strict=True)]


async def with_headings(
    parts: AsyncIterator[bytes], language: str, units: Mapping[str, str], *, mark: bool
) -> AsyncIterator[bytes]:
    """Pass a CSV file through with its headings in a language; `mark`: behind a byte order mark, which Excel needs."""
    head = b""
    async for part in parts:
        head += part
        if b"\n" in head or len(head) > _LONGEST_HEADING:
            break
    line, _, rest = head.partition(b"\n")
    names = next(csv.reader(io.StringIO(line.decode(), newline="")), [])
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(headed(names, language, units))
    yield (codecs.BOM_UTF8 if mark else b"") + written.getvalue().encode() + rest
    async for part in parts:
        yield part
