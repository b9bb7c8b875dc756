"""Levels of assurance: how surely somebody is known (IAL, 身元確認) and has signed in (AAL, 当人認証), each 0 to 3.

The levels are those of the Digital Agency's DS-511 and of NIST SP 800-63; 0 says that nothing is known. In OpenID
Connect both stand together in `acr`: `urn:hiroba:acr:ial2:aal2`. Tokens carry `ial`, `aal` and `acr`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.kernel.errors import NotAuthenticated

HIGHEST: Final = 3
ACR_CLAIM: Final = "acr"
IAL_CLAIM: Final = "ial"
AAL_CLAIM: Final = "aal"
INSUFFICIENT: Final = "insufficient_user_authentication"
"""The error code of a challenge to sign in more surely (RFC 9470, 3)."""

_ACR = re.compile(r"urn:hiroba:acr:ial([0-3]):aal([0-3])")


@dataclass(frozen=True, slots=True)
class Assurance:
    """A level of identity proofing with one of authentication: what somebody has, or what is asked for."""

    ial: int = 0
    aal: int = 0

    @property
    def acr(self) -> str:
        """Both levels as one authentication context class reference (OpenID Connect Core, 2)."""
        return f"urn:hiroba:acr:ial{self.ial}:aal{self.aal}"

    def satisfies(self, wanted: "Assurance") -> bool:
        """Tell whether both levels are at least those that are asked for."""
        return self.ial >= wanted.ial and self.aal >= wanted.aal

    def with_(self, other: "Assurance") -> "Assurance":
        """Return the least that satisfies both."""
        return Assurance(max(self.ial, other.ial), max(self.aal, other.aal))


NOT_ASSURED: Final = Assurance()
"""Nothing is known of who calls, or nothing is asked."""

ACR_VALUES: Final = tuple(Assurance(ial, aal).acr for ial in range(HIGHEST + 1) for aal in range(HIGHEST + 1))
"""What a discovery document lists as `acr_values_supported`."""


def read_acr(text: str) -> Assurance | None:
    """Return the levels that an acr stands for, None for one that is not ours."""
    found = _ACR.fullmatch(text)
    return None if found is None else Assurance(int(found[1]), int(found[2]))


def read_acr_values(text: str) -> Assurance | None:
    """Return the first levels of `acr_values` (OpenID Connect Core, 3.1.2.1: by preference), None if none is known."""
    return next((levels for word in text.split() if (levels := read_acr(word)) is not None), None)


class InsufficientAssurance(NotAuthenticated):
    """The caller is not known, or has not signed in, surely enough"""

    def __init__(self, detail: str, wanted: Assurance) -> None:
        super().__init__(detail, required_ial=wanted.ial, required_aal=wanted.aal, acr_values=wanted.acr)
        self.wanted = wanted

    @property
    def challenge(self) -> str:
        """The `WWW-Authenticate` header that says which acr to ask for (RFC 9470, 3)."""
        text = self.detail.replace("\\", "").replace('"', "'").encode("ascii", "replace").decode()
        return (
            f'Bearer realm="hiroba", error="{INSUFFICIENT}", error_description="{text}", acr_values="{self.wanted.acr}"'
        )


def insufficient(wanted: Assurance, what: str) -> InsufficientAssurance:
    """Return the error that says which levels something asks."""
    return InsufficientAssurance(f"{what} asks for IAL {wanted.ial} and AAL {wanted.aal}", wanted)


def require_assurance(has: Assurance, wanted: Iterable[Assurance], what: str) -> None:
    """Refuse who has less than everything that is asked for. Raises InsufficientAssurance."""
    least = Assurance()
    for each in wanted:
        least = least.with_(each)
    if not has.satisfies(least):
        raise InsufficientAssurance(
            f"{what} asks for IAL {least.ial} and AAL {least.aal}; the caller has IAL {has.ial} and AAL {has.aal}",
            least,
        )
