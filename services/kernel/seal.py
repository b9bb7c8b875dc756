"""The seal on secrets at rest: what lies in the database is of no use without a secret that does not."""

import hashlib
import secrets
from pathlib import Path

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from services.kernel import private_file

_ALGORITHMS = ["dir", "A256GCM"]


class SealBroken(Exception):
    """A sealed text cannot be opened with this secret"""


class Seal:
    """Encrypts and authenticates short texts: JWE, `dir` with A256GCM (RFC 7516; RFC 7518, 4.5 and 5.3)."""

    def __init__(self, secret: str) -> None:
        self._key = OctKey.import_key(hashlib.sha256(secret.encode()).digest())

    def close(self, text: str) -> str:
        """Seal a text."""
        return jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, text.encode(), self._key, algorithms=_ALGORITHMS)

    def open(self, sealed: str) -> str:
        """Return a sealed text. Raises SealBroken."""
        try:
            opened = jwe.decrypt_compact(sealed, self._key, algorithms=_ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise SealBroken("What is sealed was sealed with another secret") from error
        return (opened.plaintext or b"").decode()


def read_seal(given: str, file: Path) -> Seal:
    """Return the seal of a given secret, else of the one in a file, generated when there is none yet.

    Several processes that start at once agree on one. Raises OSError.
    """
    if given:
        return Seal(given)
    if not file.exists():
        private_file.create(file, secrets.token_urlsafe(32) + "\n")
    return Seal(file.read_text().strip())
