"""How a tenant shows itself: name, a few words, whom to ask, one colour and an emblem."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

MOST_OCTETS: Final = 1024 * 1024
"""Largest picture that is taken for an emblem."""
MEDIA_TYPES: Final = ("image/png", "image/jpeg", "image/webp")
"""What an emblem may be sent as."""


class Accent(StrEnum):
    """The hues of the Digital Agency's design system whose dark shades can be read on white (WCAG 2.2, 1.4.3)."""

    BLUE = "blue"
    LIGHT_BLUE = "light-blue"
    CYAN = "cyan"
    GREEN = "green"
    ORANGE = "orange"
    RED = "red"
    MAGENTA = "magenta"
    PURPLE = "purple"

    @property
    def label(self) -> tuple[str, str]:
        """What it is called in Japanese and in English."""
        return _LABELS[self]


_LABELS: Mapping[Accent, tuple[str, str]] = {
    Accent.BLUE: ("青", "Blue"),
    Accent.LIGHT_BLUE: ("水色", "Light blue"),
    Accent.CYAN: ("青緑", "Cyan"),
    Accent.GREEN: ("緑", "Green"),
    Accent.ORANGE: ("橙", "Orange"),
    Accent.RED: ("赤", "Red"),
    Accent.MAGENTA: ("赤紫", "Magenta"),
    Accent.PURPLE: ("紫", "Purple"),
}


@dataclass(frozen=True, slots=True)
class Appearance:
    """What a tenant says of itself, texts by language tag; empty where it says nothing.

    `names` stand for the titles that auth knows. `emblem` is the digest of the picture, empty where there is none.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    contact_name: str = ""
    contact_email: str = ""
    contact_url: str = ""
    accent: str = ""
    emblem: str = ""


NO_APPEARANCE: Final = Appearance()


@dataclass(frozen=True, slots=True)
class Emblem:
    """A picture as PNG (at most 512 pixels wide and high), and the SHA-256 of its bytes."""

    content: bytes
    digest: str
