"""Levels of assurance at auth: the claims in which tokens carry them, and what a way to sign in is worth.

Sign-in puts `acr` (both levels), `ial` and `aal` into tokens; `acr_values` of an authorization request asks for more.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from services.kernel.identity.assurance import (
    AAL_CLAIM,
    ACR_CLAIM,
    ACR_VALUES,
    IAL_CLAIM,
    INSUFFICIENT,
    Assurance,
    InsufficientAssurance,
    read_acr,
    read_acr_values,
)

__all__ = [
    "AAL_CLAIM",
    "AAL_OF_METHOD",
    "ACR_CLAIM",
    "ACR_VALUES",
    "IAL_CLAIM",
    "INSUFFICIENT",
    "Assurance",
    "InsufficientAssurance",
    "aal_of",
    "read_acr",
    "read_acr_values",
]

AAL_OF_METHOD: Final[Mapping[str, int]] = {"pwd": 1, "otp": 1, "swk": 2, "hwk": 3}
"""What one authentication method (RFC 8176) is worth alone: a passkey in software 2, one in hardware 3."""


def aal_of(methods: Iterable[str]) -> int:
    """Return the AAL of the methods (`amr`, RFC 8176) of one sign-in: two factors are worth 2, `mfa` says so too."""
    used = set(methods)
    single = max((AAL_OF_METHOD.get(method, 0) for method in used), default=0)
    return max(single, 2) if "mfa" in used or {"pwd", "otp"} <= used else single
