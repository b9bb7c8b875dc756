"""What tells a measure from all others, so that one that comes again is not written again.

A measure has an identity if it tells when it was observed, or has a counter or id of its own. Without, it cannot be
told from a repeat: two measures of the same value are two measures.
"""

import base64
import hashlib

from services.ingest.domain.arrival import Address

_BYTES = 15
_SEPARATOR = b"\x00"


def identity_of(address: Address, payload: bytes) -> str:
    """Return the identity of a measure with a time, counter or id in its payload: 20 characters."""
    names = (address.apikey, address.device_id, address.attribute or "", address.kind)
    digest = hashlib.blake2b(_SEPARATOR.join(name.encode() for name in names), digest_size=_BYTES)
    digest.update(_SEPARATOR + payload)
    return base64.urlsafe_b64encode(digest.digest()).decode()
