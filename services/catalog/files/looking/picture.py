"""Pictures that browsers show without harm: how large they are drawn."""

import io
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

MARKS: Mapping[str, tuple[bytes, ...]] = MappingProxyType(
    {"image/png": (b"\x89PNG\r\n\x1a\n",), "image/jpeg": (b"\xff\xd8\xff",), "image/gif": (b"GIF87a", b"GIF89a")}
)
"""What pictures of each media type begin with. SVG is none of them: it is a document that may hold scripts."""
_MOST_PIXELS: Final = 40_000_000


def look_at_picture(content: bytes) -> dict[str, Any] | None:
    """Return what the head of a PNG, JPEG or GIF picture says, None for what is none or has over 40 million pixels."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415  # loaded when a file wants it

    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "GIF")) as picture:
            width, height = picture.size
    except (UnidentifiedImageError, Image.DecompressionBombError):
        return None
    return {"kind": "image", "facts": {"width": width, "height": height}} if width * height <= _MOST_PIXELS else None
