"""The chain of notifications behind a write, as its Fiware-Correlator tells it, so that none goes round in circles.

`<root>; cbnotif=N` counts notifications as Orion does. A custom notification may write to this context broker again, so
it names the entities that it came by as well: `<root>; cbnotif=N; of=1f03a9c2.77ab01de`.
"""

import hashlib
import re
from typing import Final

from services.broker.domain.entity import Entity

_TAIL: Final = re.compile(r";\s*cbnotif=(\d{1,9})(?:;\s*of=([0-9a-f.]+))?\s*\Z")
_MOST: Final = 12


def next_link(correlator: str, entity: Entity | None = None) -> str:
    """Return the correlator of a notification that a write with this one causes; with the entity, if it is told of."""
    found = _TAIL.search(correlator)
    root = correlator[: found.start()] if found else correlator
    count = int(found[1]) + 1 if found else 1
    passed = found[2].split(".") if found and found[2] else []
    if entity is None:
        return f"{root}; cbnotif={count}"
    return f"{root}; cbnotif={count}; of={'.'.join([*passed, _mark(entity)][-_MOST:])}"


def closes_circle(correlator: str, entity: Entity) -> bool:
    """Tell whether a write was caused by a notification that came by the same entity before."""
    found = _TAIL.search(correlator) if "of=" in correlator else None
    return found is not None and found[2] is not None and _mark(entity) in found[2].split(".")


def _mark(entity: Entity) -> str:
    return hashlib.blake2b("\n".join(entity.key).encode(), digest_size=4).hexdigest()
