"""Protocol buffers on the wire: the fields of a message by number, without its definition."""

from collections.abc import Iterator

_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_LONGEST_VARINT = 10


def read_fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the fields of a message: numbers as they are, everything else as bytes. Raises ValueError, IndexError."""
    at = 0
    while at < len(content):
        key, at = read_varint(content, at)
        field, kind = key >> 3, key & 7
        if kind == _VARINT:
            number, at = read_varint(content, at)
            yield field, number
            continue
        if kind == _BYTES:
            size, at = read_varint(content, at)
        elif kind in (_FIXED_64, _FIXED_32):
            size = 8 if kind == _FIXED_64 else 4
        else:
            raise ValueError(f"wire type {kind} is not known")
        if at + size > len(content):
            raise ValueError("a field is cut off")
        yield field, content[at : at + size]
        at += size


def read_varint(content: bytes, at: int) -> tuple[int, int]:
    """Return the number that begins at a place, and the place after it. Raises ValueError, IndexError."""
    number = 0
    for place in range(_LONGEST_VARINT):
        byte = content[at + place]
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return number & 0xFFFFFFFFFFFFFFFF, at + place + 1
    raise ValueError("a number is too long")


def write_varint(number: int) -> bytes:
    """Write a number that is not negative."""
    groups = []
    while number >= 0x80:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*groups, number))
