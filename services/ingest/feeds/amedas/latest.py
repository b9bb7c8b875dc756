"""Where the newest map is: the agency tells its time at `…/amedas/data/latest_time.txt`."""

import re
from datetime import datetime
from typing import Final
from urllib.parse import urljoin

_ADDRESS: Final = re.compile(r"/amedas/data/latest_time\.txt\Z")
_LONGEST: Final = 40


def map_address(url: str, content: bytes) -> str:
    """Return the address of the map that an answer tells the time of; empty if it is another document."""
    if not _ADDRESS.search(url) or len(content) > _LONGEST:
        return ""
    try:
        time = datetime.fromisoformat(content.decode("ascii").strip())
    except ValueError:
        return ""
    return urljoin(url, f"map/{time:%Y%m%d%H%M%S}.json")
