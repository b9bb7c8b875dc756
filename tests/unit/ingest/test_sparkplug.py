"""What Sparkplug B's metrics are: by the births, by their datatypes, in templates and compressed."""

import gzip
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services.ingest.codecs.aliases import AliasBook
from services.ingest.codecs.payload import Limits
from services.ingest.codecs.sparkplug import Metric, Payload, read_payload
from services.ingest.codecs.topic import read_topic
from services.ingest.codecs.wire import write_varint
from services.ingest.domain.arrival import Arrival
from services.ingest.domain.refusal import Reason
from services.ingest.operations.measured import Measured, key_of, read
from tests.unit.ingest.test_decoders import refusal


@pytest.mark.parametrize("content", ["ff", "12ff", "0980", "13", "08" + "ff" * 11])
def test_sparkplug_that_is_none_is_refused(content: str) -> None:
    assert refusal(lambda: read_payload(bytes.fromhex(content))) is Reason.MALFORMED_SPARKPLUG


def test_an_alias_whose_birth_was_not_heard_is_refused_until_it_is() -> None:
    book = AliasBook()
    data = Payload(2000, (Metric(None, 1, None, None, {10: 5}),), 1)
    assert refusal(lambda: book.read("NDATA", ("g", "n"), data)) is Reason.UNKNOWN_ALIAS
    book.read("NBIRTH", ("g", "n"), Payload(1000, (Metric("level", 1, 3, None, {10: 4}),), 0))
    assert book.read("NDATA", ("g", "n"), data) == [{"TimeInstant": 2000, "level": 5}]
    assert refusal(lambda: book.read("NDATA", ("g", "other"), data)) is Reason.UNKNOWN_ALIAS


def test_what_a_number_is_after_the_birth_is_as_the_birth_says() -> None:
    book, below_zero = AliasBook(), (1 << 32) - 5
    metrics = (Metric("t", 1, 3, None, {10: below_zero}), Metric("count", 2, 7, None, {10: below_zero}))
    book.read("DBIRTH", ("g", "n/d"), Payload(1000, metrics, 0))
    data = (Metric(None, 1, None, None, {10: below_zero}), Metric("count", None, None, None, {10: below_zero}))
    read = book.read("DDATA", ("g", "n/d"), Payload(2000, data, 1))
    assert read == [{"TimeInstant": 2000, "t": -5, "count": below_zero}]
    assert refusal(lambda: AliasBook().read("DDATA", ("g", "n"), Payload(2, data[1:], 1))) is Reason.UNKNOWN_ALIAS


def _died(book: AliasBook, session: int) -> list[Measured]:
    topic, payload = "spBv1.0/g/NDEATH/n", bytes.fromhex(f"120b0a056264536571200458{session:02x}")
    arrival = Arrival("mqtt", topic, read_topic(topic), payload, datetime.now(UTC), lambda _: None)
    return read(arrival, Limits(), book)


def test_the_death_of_a_node_is_that_of_its_devices_and_only_of_its_own_session() -> None:
    book = AliasBook()
    for sender in ("n/a", "n/b", "nn/c"):
        book.read("DBIRTH", ("g", sender), Payload(1000, (), 0))
    book.read("NBIRTH", ("g", "n"), Payload(1000, (Metric("bdSeq", None, 4, None, {11: 7}),), 0))
    assert book.devices_of(("g", "n")) == ["n/a", "n/b"]
    assert _died(book, session=6) == []
    assert [(key_of(each), each.values) for each in _died(book, session=7)] == [
        (("g", device), {"online": False}) for device in ("n", "n/a", "n/b")
    ]


# NBIRTH: template `Pump 1` with an Int32 of -5, a boolean, and a template with a Float of 12.1; a template's
# definition; a data set of two rows; a null; a Float that is no number. NDATA: `Pump 1` again, with -7 and no datatype.
BIRTH = (
    "08fbd095ffbc31124d0a0650756d7020312013920140120f0a056c6576656c200350fbffffff0f12080a026f6e200b7001121d0a056d6f746f7"
    "22013920111120c0a0372706d2009659a99414122014d220450756d7012220a0c5f74797065735f2f50756d70201392010f120b0a056c657665"
    "6c20035000280112300a036c6f6720108a012608021201611201621801180c220d0a0608ffffffff0f0a0332017822090a0208030a033201791"
    "2090a036e756c20033801120c0a036e616e2009650000c07f1801"
)
DATA = "08e3d895ffbc3112200a0650756d702031920115120d0a056c6576656c50f9ffffff0f220450756d701802"
READ = {
    "TimeInstant": 1700000000123,
    "Pump_1_level": -5,
    "Pump_1_on": True,
    "Pump_1_motor_rpm": 12.1,
    "log": [{"a": -1, "b": "x"}, {"a": 3, "b": "y"}],
    "online": True,
}


def test_templates_are_measures_of_their_metrics_and_data_sets_lists_of_rows() -> None:
    book = AliasBook()
    assert book.read("NBIRTH", ("g", "n"), read_payload(bytes.fromhex(BIRTH))) == [READ]
    later = book.read("NDATA", ("g", "n"), read_payload(bytes.fromhex(DATA)))
    assert later == [{"TimeInstant": 1700000001123, "Pump_1_level": -7}]


def _compressed(body: bytes) -> bytes:
    return b"\x22\x12SPBV1.0_COMPRESSED\x2a" + write_varint(len(body)) + body


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress])
def test_a_compressed_payload_is_read_as_what_is_in_it(compress: Callable[[bytes], bytes]) -> None:
    payload = read_payload(_compressed(compress(bytes.fromhex(BIRTH))))
    assert AliasBook().read("NBIRTH", ("g", "n"), payload) == [READ]


@pytest.mark.parametrize("body", [b"", b"none", zlib.compress(bytes(3_000_000)), zlib.compress(b"\x08\x01")[:-9]])
def test_a_compressed_payload_that_is_none_or_too_large_is_refused(body: bytes) -> None:
    assert refusal(lambda: read_payload(_compressed(body))) is Reason.MALFORMED_SPARKPLUG


@pytest.mark.parametrize(
    ("datatype", "fields", "value"),
    [
        (1, {10: (1 << 32) - 5}, -5),
        (2, {10: 65236}, -300),
        (4, {11: (1 << 64) - 1}, -1),
        (8, {11: (1 << 64) - 1}, (1 << 64) - 1),
        (9, {12: struct.pack("<f", 1.5e-9)}, 1.5e-9),
        (9, {12: struct.pack("<f", float("inf"))}, None),
        (10, {13: struct.pack("<d", float("nan"))}, None),
        (13, {11: 1767225600000}, 1767225600000),
        (17, {16: b"\x01\xff"}, "01ff"),
        (24, {16: struct.pack("<3i", 1, -2, 3)}, [1, -2, 3]),
        (30, {16: struct.pack("<2f", 1.5, 2.25)}, [1.5, 2.25]),
        (32, {16: b"\x0c\x00\x00\x00\x34\xd0"}, [char == "1" for char in "001101001101"]),
        (33, {16: "ab\0橋\0".encode()}, ["ab", "橋"]),
        (34, {16: struct.pack("<Q", 1767225600000)}, [1767225600000]),
    ],
)
def test_sparkplug_values_are_of_their_datatypes(datatype: int, fields: dict[int, Any], value: Any) -> None:
    assert Metric("m", None, datatype, None, fields).value(None) == value
    assert Metric("m", None, None, None, fields).value(datatype) == value


@pytest.mark.parametrize(
    ("datatype", "fields"),
    [(24, {16: b"\0"}), (32, {16: b"\xff\0\0\0"}), (33, {16: b"\xff\0"}), (3, {10: b"ab"}), (9, {12: 5})],
)
def test_sparkplug_values_that_are_none_are_refused(datatype: int, fields: dict[int, Any]) -> None:
    assert refusal(lambda: Metric("m", None, datatype, None, fields).value(None)) is Reason.MALFORMED_SPARKPLUG
