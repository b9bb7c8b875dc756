"""The README's tour as data: its commands and what they are said to print.

Grammar: in the section headed `Tour`, every fenced block marked `console` is a sequence of steps. A line `$ command`
begins a step, lines `> more` right below continue the command, and the lines up to the next `$ ` are the expected
output. In them `…` matches anything within a line, and a line that is only `…` matches any number of lines.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ANY = "…"
_FENCE = re.compile(r"(?P<fence>```+)(?P<language>\S*)\s*$")
_HEADING = re.compile(r"(?P<marks>#+)\s+(?P<title>.*?)\s*$")


@dataclass(frozen=True)
class Step:
    """One command, the output it is to have, and the line of the document where it stands."""

    command: str
    expected: tuple[str, ...]
    line: int


class TourError(ValueError):
    """The document has no tour, or one that cannot be read."""


def read_tour(text: str, heading: str = "Tour") -> list[Step]:
    """Read the steps of a document's tour. Raises TourError."""
    steps: list[Step] = []
    for number, block in _console_blocks(text, heading):
        steps += _read_block(number, block)
    if not steps:
        raise TourError(f"The section '{heading}' has no console block with a command")
    return steps


def differs(expected: Sequence[str], actual: Sequence[str]) -> int | None:
    """Return the index of the first actual line that does not fit, None when everything fits.

    The index is `len(actual)` when lines are missing at the end.
    """
    furthest = 0
    fronts = {0}  # how many expected lines the actual lines up to here can have used up
    for index, line in enumerate(actual):
        fronts = _skip_gaps(expected, fronts)
        after = {front for front in fronts if front < len(expected) and expected[front] == ANY}
        after |= {front + 1 for front in fronts if front < len(expected) and line_fits(expected[front], line)}
        if not after:
            return index
        fronts, furthest = after, index + 1
    return None if len(expected) in _skip_gaps(expected, fronts) else furthest


def line_fits(expected: str, actual: str) -> bool:
    """Tell whether a line is as expected, `…` standing for anything; trailing blanks do not count."""
    pattern = ".*".join(re.escape(part) for part in expected.rstrip().split(ANY))
    return re.fullmatch(pattern, actual.rstrip()) is not None


def _skip_gaps(expected: Sequence[str], fronts: set[int]) -> set[int]:
    reached = set(fronts)
    for front in fronts:
        position = front
        while position < len(expected) and expected[position] == ANY:
            position += 1
            reached.add(position)
    return reached


def _console_blocks(text: str, heading: str) -> Iterator[tuple[int, list[str]]]:
    level = 0  # of the tour's own heading; 0 outside of it
    fence = ""
    block: list[str] = []
    begins = 0
    wanted = False
    for number, line in enumerate(text.splitlines(), 1):
        if fence:
            if line.strip() == fence:
                fence = ""
                if wanted:
                    yield begins, block
            else:
                block.append(line)
        elif opened := _FENCE.match(line):
            fence, begins, block = opened["fence"], number + 1, []
            wanted = level > 0 and opened["language"] == "console"
        elif found := _HEADING.match(line):
            depth = len(found["marks"])
            if heading in found["title"].split():
                level = depth
            elif depth <= level:
                level = 0


def _read_block(first_line: int, lines: Sequence[str]) -> Iterator[Step]:
    command: list[str] = []
    expected: list[str] = []
    begins = first_line
    for number, line in enumerate(lines, first_line):
        if line.startswith("$ "):
            if command:
                yield _step(command, expected, begins)
            command, expected, begins = [line[2:]], [], number
        elif line.startswith("> ") and command and not expected:
            command.append(line[2:])
        elif command:
            expected.append(line)
        elif line.strip():
            raise TourError(f"Line {number} stands before the block's first command")
    if command:
        yield _step(command, expected, begins)


def _step(command: Sequence[str], expected: Sequence[str], line: int) -> Step:
    """Blank lines at the end of the output only set the next command apart."""
    shown = "\n".join(expected).rstrip().splitlines()
    return Step("\n".join(command), tuple(shown), line)
