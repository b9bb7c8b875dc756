"""How tenants show themselves: pictures are drawn anew, colours can be read."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from services.catalog.domain.appearance import MOST_OCTETS, Accent
from services.catalog.files.emblem import drawn_anew
from services.catalog.portal import page
from services.kernel.errors import InvalidRequest, TooLarge

STATIC = Path(page.__file__).parent / "static"
WHITE = "#ffffff"
ENOUGH = 4.5


def picture(form: str, size: tuple[int, int] = (30, 20), **options: object) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "#0c472a").save(written, form, **options)
    return written.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_drawn_anew_as_png(form: str) -> None:
    emblem = drawn_anew(picture(form))
    with Image.open(io.BytesIO(emblem.content)) as read:
        assert (read.format, read.size) == ("PNG", (30, 20))
        red, green, blue, opacity = read.convert("RGBA").resize((1, 1)).tobytes()
    assert abs(red - 0x0C) + abs(green - 0x47) + abs(blue - 0x2A) < 12
    assert opacity == 255


def test_of_a_picture_nothing_but_the_picture_is_kept() -> None:
    told = PngInfo()
    told.add_text("Comment", "35.0, 139.0")
    sent = picture("PNG", (1024, 256), pnginfo=told) + b"<script>alert(1)</script>"
    emblem = drawn_anew(sent)
    with Image.open(io.BytesIO(emblem.content)) as read:
        assert read.size == (512, 128)
    assert b"Comment" not in emblem.content
    assert b"script" not in emblem.content


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\x89PNG\r\n\x1a\n",
        picture("PNG")[:60],
        picture("GIF"),
        picture("PNG", (2049, 1)),
    ],
    ids=["empty", "svg", "head", "half", "gif", "wide"],
)
def test_what_is_no_such_picture_is_refused(sent: bytes) -> None:
    with pytest.raises(InvalidRequest):
        drawn_anew(sent)


def test_a_large_file_is_refused_unread() -> None:
    with pytest.raises(TooLarge):
        drawn_anew(b"\0" * (MOST_OCTETS + 1))


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("accent", Accent)
def test_every_colour_can_be_read_on_the_grounds_that_it_stands_on(accent: Accent) -> None:
    tokens = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6})", (STATIC / "tokens.css").read_text(encoding="utf-8")))
    rules = (STATIC / "portal.css").read_text(encoding="utf-8")
    (rule,) = re.findall(rf"\[data-accent={accent}\] {{([^}}]+)}}", rules)
    shades = {name: tokens[token] for name, token in re.findall(r"(--[\w-]+): var\((--[\w-]+)\)", rule)}
    assert _contrast(shades["--key"], WHITE) >= ENOUGH
    assert _contrast(shades["--key-dark"], WHITE) >= ENOUGH
    assert _contrast(shades["--key"], shades["--key-pale"]) >= ENOUGH
    assert _contrast(tokens["--color-neutral-solid-gray-700"], shades["--key-pale"]) >= ENOUGH
