"""Opening a spreadsheet in a process of its own first, so that one that takes too much harms nobody.

A file of one kilobyte whose two cells lie in the first and in the last corner of a sheet would end the process that
opens it: the library lays out the whole rectangle that a sheet's cells span.
"""

import io
import tempfile
import zipfile
from typing import IO, Final

import python_calamine

from services.kernel.bounded_call import Bounds, CallFailed, ExceedsBounds, call_bounded
from services.kernel.errors import InvalidRequest

_MOST_CELLS: Final = 20_000_000
_MOST_UNPACKED: Final = 1_000_000_000
_TRIAL: Final = f"{__name__}:tell_largest"
_BOUNDS: Final = Bounds(memory_bytes=2 * 1024**3, processor_s=60, deadline_s=120, answer_bytes=1_000_000)


def tell_largest(book: IO[bytes], answer: IO[bytes]) -> None:
    """Write the number of cells of the largest sheet of a spreadsheet. Raises CalamineError."""
    with python_calamine.CalamineWorkbook.from_filelike(book) as opened:
        sheets = (opened.get_sheet_by_name(name) for name in opened.sheet_names)
        most = max((sheet.total_height * sheet.total_width for sheet in sheets), default=0)
    answer.write(str(most).encode())


def ensure_readable(content: bytes) -> None:
    """Refuse a spreadsheet that cannot be read, or that would take too much memory or time. Raises InvalidRequest."""
    _ensure_small(content)
    with tempfile.TemporaryFile() as book:
        book.write(content)
        try:
            largest = int(call_bounded(_TRIAL, book, _BOUNDS))
        except ExceedsBounds as error:
            raise InvalidRequest("The spreadsheet spans more cells than fit into memory", field="body") from error
        except CallFailed as error:
            raise _unreadable(error) from error
    if largest > _MOST_CELLS:
        raise InvalidRequest(f"The spreadsheet has a sheet of more than {_MOST_CELLS:,} cells", field="body")


def _ensure_small(content: bytes) -> None:
    if not content.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(each.file_size for each in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _unreadable(error) from error
    if size > _MOST_UNPACKED:
        raise InvalidRequest(f"The spreadsheet unpacks to more than {_MOST_UNPACKED:,} bytes", field="body")


def _unreadable(error: Exception) -> InvalidRequest:
    return InvalidRequest(f"The file is no spreadsheet that can be read: {error!s:.200}", field="body")
