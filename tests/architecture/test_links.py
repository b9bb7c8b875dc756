"""Links between the project's documents lead somewhere."""

import re
import unicodedata
from pathlib import Path

from tests.architecture.tree import files, place

LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCED = re.compile(r"^(```+).*?^\1\s*$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+\s+(?P<title>.+?)\s*#*$", re.MULTILINE)
ELSEWHERE = ("http://", "https://", "mailto:")


def _slug(title: str) -> str:
    """Name a heading's anchor as the renderers do: letters, digits and hyphens."""
    plain = re.sub(r"[`*_]|\[(.*?)\]\(.*?\)", r"\1", title)
    kept = "".join(char for char in unicodedata.normalize("NFC", plain.lower()) if char.isalnum() or char in " -_")
    return kept.strip().replace(" ", "-")


def _text(file: Path) -> str:
    return FENCED.sub("", file.read_text(encoding="utf-8"))


def _anchors(file: Path) -> set[str]:
    return {_slug(heading["title"]) for heading in HEADING.finditer(_text(file))}


def test_every_link_between_documents_resolves() -> None:
    broken = []
    for file in files(".md"):
        for link in LINK.finditer(_text(file)):
            target = link["target"]
            path, _, anchor = target.partition("#")
            other = (file.parent / path) if path else file
            resolves = target.startswith(ELSEWHERE) or (
                other.exists() and (not anchor or other.suffix != ".md" or anchor in _anchors(other))
            )
            if not resolves:
                broken.append(f"{place(file)}: {target}")
    assert broken == []
