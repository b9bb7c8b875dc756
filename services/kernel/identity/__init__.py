"""Who calls, and what its token grants: every service verifies tokens itself against auth's cached keys."""

from services.kernel.identity.grant import Grant
from services.kernel.identity.keys import HttpKeys, KeyCache, KeySource
from services.kernel.identity.principal import OPEN, Principal
from services.kernel.identity.revisions import Revisions
from services.kernel.identity.verifier import AUDIENCE, TOKEN_TYPE, TokenVerifier

__all__ = [
    "AUDIENCE",
    "OPEN",
    "TOKEN_TYPE",
    "Grant",
    "HttpKeys",
    "KeyCache",
    "KeySource",
    "Principal",
    "Revisions",
    "TokenVerifier",
]
