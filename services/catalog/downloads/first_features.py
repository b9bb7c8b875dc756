"""The beginning of a GeoJSON file of the context broker, whose features stand each in a line of its own."""

from collections.abc import AsyncIterator
from typing import Final

_END: Final = b"]}"


async def first_features(parts: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    """Yield a feature collection (RFC 7946) of so many features and no more, as it comes."""
    count, begun = -1, b""  # the first line is the head of the collection
    async for part in parts:
        *lines, begun = (begun + part).split(b"\n")
        kept = [line.removesuffix(b",") for line in lines if line not in (b"", _END)][: most - count]
        yield b"".join((b"" if at < 0 else b",\n" if at else b"\n") + line for at, line in enumerate(kept, count))
        count += len(kept)
        if count >= most:
            break
    yield b"\n" + _END + b"\n"
