"""Texts of a message that are not UTF-8, though the specification has no others: some operators' servers send them."""

from collections.abc import Iterator
from typing import Any

from services.kernel.text_encoding import detect


def mend_texts(message: Any) -> frozenset[int]:
    """Write down what texts say that came in another encoding (the bindings leave them as bytes).

    All bytes of a message are taken together to find out which it is; what that leaves unreadable becomes U+FFFD.
    Returns the numbers, from 1, of the entities that had such texts.
    """
    found = [(number, *each) for number, entity in enumerate(message.entity, start=1) for each in _broken(entity)]
    encoding = detect(b"\n".join(content for *_, content in found)) or "utf-8"
    for _, part, name, content in found:
        setattr(part, name, content.decode(encoding, "replace"))
    return frozenset(number for number, *_ in found)


def _broken(part: Any) -> Iterator[tuple[Any, str, bytes]]:
    """Yield where texts are bytes: the part of the message, the field's name, and the bytes."""
    for field, value in part.ListFields():
        if isinstance(value, bytes):
            yield part, field.name, value
        elif field.message_type is not None:
            for inner in value if field.is_repeated else (value,):
                yield from _broken(inner)
