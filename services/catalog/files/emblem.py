"""Pictures that others sent, drawn anew as PNG, so that nothing but the picture is kept."""

import hashlib
import io
from typing import Final

from PIL import Image, ImageOps

from services.catalog.domain.appearance import MOST_OCTETS, Emblem
from services.kernel.errors import InvalidRequest, TooLarge

_FORMATS: Final = ("PNG", "JPEG", "WEBP")
_LONGEST_SIDE: Final = 2048
_SIDE: Final = 512


def drawn_anew(sent: bytes) -> Emblem:
    """Draw a PNG, JPEG or WebP picture anew: without metadata, of an animation the first picture.

    Raises TooLarge (more than 1 MB), InvalidRequest (no such picture, or more than 2,048 pixels wide or high).
    """
    if len(sent) > MOST_OCTETS:
        raise TooLarge("An emblem has at most 1 MB")
    try:
        with Image.open(io.BytesIO(sent), formats=_FORMATS) as picture:
            if max(picture.size) > _LONGEST_SIDE:
                raise InvalidRequest("An emblem is at most 2,048 pixels wide and high", field="emblem")
            drawn = ImageOps.exif_transpose(picture).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InvalidRequest("The emblem is no PNG, JPEG or WebP picture", field="emblem") from error
    drawn.thumbnail((_SIDE, _SIDE))
    written = io.BytesIO()
    Image.frombytes("RGBA", drawn.size, drawn.tobytes()).save(written, "PNG", optimize=True)
    content = written.getvalue()
    return Emblem(content, hashlib.sha256(content).hexdigest())
