"""Values of Sparkplug B's metrics by their datatype (Eclipse Sparkplug 3.0, clauses 6.4.6 to 6.4.17).

A metric's fields are by number: 10 int, 11 long, 12 float, 13 double, 14 boolean, 15 string, 16 bytes (arrays too),
17 data set, 18 template. Values of data sets and parameters number them otherwise, in the same order.
"""

import math
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from services.ingest.codecs.wire import read_fields, read_varint

_SIGNED_BITS: Final = {1: 8, 2: 16, 3: 32, 4: 64}
_LARGEST_SURE: Final = {10: 1 << 31, 11: 1 << 63}
_NUMBERS_IN_ARRAYS: Final = {22: "b", 23: "h", 24: "i", 25: "q", 26: "B", 27: "H", 28: "I", 29: "Q", 30: "f", 31: "d"}
_BOOLEANS, _STRINGS, _INSTANTS = 32, 33, 34
_INT, _LONG, _FLOAT, _DOUBLE, _BOOLEAN, _STRING, _BYTES, _DATA_SET = range(10, 18)
_FIRST_IN_DATA_SET: Final = 9  # what a metric numbers 10 a data set numbers 1
_FLOAT_DIGITS: Final = range(6, 10)

Fields = Mapping[int, Any]


class DatatypeUnknown(ValueError):
    """A number may be negative or large, as its datatype says, which only the birth tells"""


def value_of(found: Fields, datatype: int | None) -> Any:
    """Return the value of a metric, None for one without. Raises DatatypeUnknown, ValueError, struct.error."""
    for field, read in _READERS.items():
        if field in found:
            return read(found[field], datatype)
    return None


def _whole(field: int) -> Callable[[Any, int | None], Any]:
    def read(number: Any, datatype: int | None) -> int:
        bits = _SIGNED_BITS.get(datatype or 0)
        if not datatype and number >= _LARGEST_SURE[field]:
            raise DatatypeUnknown(f"{number} has no datatype")
        if bits is None:
            return int(number)
        number &= (1 << bits) - 1
        return int(number - (1 << bits) if number >> (bits - 1) else number)

    return read


def _single(content: Any, _: int | None) -> float | None:
    """Return a number of 32 bits with the fewest digits that tell it from its neighbours."""
    number = struct.unpack("<f", content)[0]
    if not math.isfinite(number):
        return None
    texts = (f"{number:.{digits}g}" for digits in _FLOAT_DIGITS)
    return float(next(text for text in texts if struct.pack("<f", float(text)) == content))


def _double(content: Any, _: int | None) -> float | None:
    number = struct.unpack("<d", content)[0]
    return number if math.isfinite(number) else None


def _bytes(content: Any, datatype: int | None) -> Any:
    """Return an array as a list, other bytes as hexadecimal digits."""
    letter = _NUMBERS_IN_ARRAYS.get(datatype or 0, "Q" if datatype == _INSTANTS else "")
    if letter:
        return [each[0] for each in struct.iter_unpack(f"<{letter}", content)]
    if datatype == _BOOLEANS:
        (count,) = struct.unpack_from("<I", content)
        if count > 8 * (len(content) - 4):
            raise ValueError("an array of booleans is cut off")
        return [bool(content[4 + place // 8] & 0x80 >> place % 8) for place in range(count)]
    if datatype == _STRINGS:
        return [text.decode() for text in content.split(b"\0")[:-1]]
    return content.hex()


def _rows(content: Any, _: int | None) -> list[dict[str, Any]]:
    """Return a data set as a list of its rows, by column."""
    columns: list[str] = []
    types: list[int] = []
    rows: list[list[Any]] = []
    for field, value in read_fields(content):
        match field, value:
            case 2, bytes():
                columns.append(value.decode())
            case 3, bytes():
                types.extend(_packed(value))
            case 3, int():
                types.append(value)
            case 4, bytes():
                rows.append([dict(read_fields(each)) for _, each in read_fields(value) if isinstance(each, bytes)])
    return [
        {
            column: value_of({field + _FIRST_IN_DATA_SET: value for field, value in element.items()}, datatype)
            for column, datatype, element in zip(columns, types, row, strict=False)
        }
        for row in rows
    ]


def _packed(content: bytes) -> Iterator[int]:
    at = 0
    while at < len(content):
        number, at = read_varint(content, at)
        yield number


_READERS: Final[Mapping[int, Callable[[Any, int | None], Any]]] = {
    _INT: _whole(_INT),
    _LONG: _whole(_LONG),
    _FLOAT: _single,
    _DOUBLE: _double,
    _BOOLEAN: lambda number, _: bool(number),
    _STRING: lambda content, _: content.decode(),
    _BYTES: _bytes,
    _DATA_SET: _rows,
}
