"""What the catalogue itself notes of versions, in words for readers."""

from collections.abc import Mapping
from types import MappingProxyType

from services.catalog.portal.language import Language

_OWN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "Imported from ": ("一覧から取り込み", "Imported from a list"),
        "Harvested in run ": ("ほかのカタログから収集", "Harvested from another catalogue"),
    }
)


def version_note(note: str, t: Language) -> str:
    """Say a version's note: the catalogue's own in the reader's language, a person's as it was written."""
    own = next((words for beginning, words in _OWN.items() if note.startswith(beginning)), None)
    return t(*own) if own else note
