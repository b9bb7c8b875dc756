"""Spreadsheets (XLSX, XLS, XLSB, ODS): which files are some, and which can be read without harm."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

from services.kernel.errors import InvalidRequest

_ZIP: Final = b"PK\x03\x04"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_CELLS: Final = 20_000_000
_MOST_UNPACKED: Final = 1_000_000_000
_LONGEST_TRIAL_S: Final = 120
_TRIAL: Final = Path(__file__).with_name("workbook_trial.py")


def is_workbook(content: bytes) -> bool:
    """Tell whether a file is a spreadsheet rather than a text."""
    return content.startswith((_ZIP, _COMPOUND))


def ensure_readable(content: bytes) -> None:
    """Refuse a spreadsheet that cannot be read, or that would take too much memory or time. Raises InvalidRequest.

    It is opened in a process of its own first: a file of one kilobyte whose two cells lie in the first and in the last
    corner of a sheet would end the process that opens it.
    """
    _ensure_small(content)
    try:
        tried = subprocess.run(
            [sys.executable, "-I", str(_TRIAL)],
            input=content,
            capture_output=True,
            timeout=_LONGEST_TRIAL_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InvalidRequest("The spreadsheet takes too long to read", field="body") from error
    if tried.returncode < 0:
        raise InvalidRequest("The spreadsheet spans more cells than fit into memory", field="body")
    if tried.returncode:
        reason = tried.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise InvalidRequest(f"The file is no spreadsheet that can be read: {reason:.200}", field="body")
    if int(tried.stdout) > _MOST_CELLS:
        raise InvalidRequest(f"The spreadsheet has a sheet of more than {_MOST_CELLS:,} cells", field="body")


def _ensure_small(content: bytes) -> None:
    if not content.startswith(_ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(each.file_size for each in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InvalidRequest(f"The file is no spreadsheet that can be read: {error!s:.200}", field="body") from error
    if size > _MOST_UNPACKED:
        raise InvalidRequest(f"The spreadsheet unpacks to more than {_MOST_UNPACKED:,} bytes", field="body")
