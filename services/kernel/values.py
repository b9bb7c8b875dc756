"""Values that are made for every write: frozen for the type checker, and as cheap as objects are while it runs.

A frozen dataclass sets each field through `object.__setattr__`, which makes an entity four times as dear as here. That
nobody assigns to a field is held by mypy, to which these are frozen.
"""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def frozen(kind: type[T]) -> type[T]:
    """Make a class a value: slots for its fields, equality and hash by them."""
    return dataclass(slots=True, unsafe_hash=True)(kind)
