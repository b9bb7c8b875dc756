"""What tells a measure from all others, so that one that comes again is not written again.

A measure has an identity if it tells when it was observed, or has a counter or id of its own. Without, it cannot be
told from a repeat: two measures of the same value are two measures.
"""

import base64
import hashlib
from functools import lru_cache
from typing import Any

from services.ingest.domain.arrival import Address

_BYTES = 15
_SEPARATOR = b"\x00"


def identity_of(address: Address, payload: bytes) -> str:
    """Return the identity of a measure with a time, counter or id in its payload: 20 characters."""
    digest = _begun(address.apikey, address.device_id, address.attribute, address.kind).copy()
    digest.update(payload)
    return base64.urlsafe_b64encode(digest.digest()).decode()


@lru_cache(maxsize=20_000)
def _begun(apikey: str, device_id: str, attribute: str | None, kind: str) -> Any:
    """Return the digest of what every measure of a device begins with."""
    names = (apikey, device_id, attribute or "", kind)
    return hashlib.blake2b(_SEPARATOR.join(name.encode() for name in names) + _SEPARATOR, digest_size=_BYTES)
