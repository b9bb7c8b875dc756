"""Images that browsers show without harm: which files are some, and how large they are drawn."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_MARKS: Mapping[str, tuple[bytes, ...]] = MappingProxyType(
    {"image/png": (b"\x89PNG\r\n\x1a\n",), "image/jpeg": (b"\xff\xd8\xff",), "image/gif": (b"GIF87a", b"GIF89a")}
)
"""What files of each media type begin with. SVG is none of them: it is a document that may hold scripts."""

_MOST_BYTES: Final = 5_000_000
_MOST_PIXELS: Final = 40_000_000
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})


def size_of_image(content: bytes, media_type: str) -> tuple[int, int] | None:
    """Return width and height of an image that a page may show, None for any other file.

    What a file is called must be what it is; one over 5 MB or 40 million pixels is not shown.
    """
    if len(content) > _MOST_BYTES or not content.startswith(_MARKS.get(media_type, ())):
        return None
    match media_type:
        case "image/png":
            size = _number(content, 16, 4), _number(content, 20, 4)
        case "image/gif":
            size = int.from_bytes(content[6:8], "little"), int.from_bytes(content[8:10], "little")
        case _:
            size = _of_jpeg(content)
    return size if 0 < size[0] * size[1] <= _MOST_PIXELS else None


def _of_jpeg(content: bytes) -> tuple[int, int]:
    """Return what the first frame says (ITU-T T.81, B.2.2); zeros where there is none."""
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        if content[place + 1] in _FRAMES:
            return _number(content, place + 7, 2), _number(content, place + 5, 2)
        place += 2 + max(_number(content, place + 2, 2), 2)
    return 0, 0


def _number(content: bytes, place: int, width: int) -> int:
    return int.from_bytes(content[place : place + width], "big")
