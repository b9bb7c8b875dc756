"""Opaque tokens: 256 random bits, of which only the SHA-256 is kept."""

import hashlib
import secrets


def new_token() -> str:
    """Make up a token that nobody guesses: 43 signs that need no escaping anywhere."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return the hash under which a token is kept: random as it is, it needs no slow one."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def new_id() -> str:
    """Make up an identifier of 128 random bits."""
    return secrets.token_hex(16)
