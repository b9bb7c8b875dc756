"""The words in which the domain refuses. Each face and service maps them to its own dialect, once, at the edge.

Messages read: subject, verb, context, present tense, naming the thing: `Entity urn:x already exists`.
"""

from collections.abc import Mapping


class HubError(Exception):
    """The request cannot be carried out"""

    def __init__(self, detail: str | None = None, *, field: str | None = None, **more: object) -> None:
        self.detail = detail or (self.__class__.__doc__ or "").strip()
        self.field = field
        self.more: Mapping[str, object] = more
        super().__init__(self.detail)


class InvalidRequest(HubError):
    """The request is not well-formed"""


class BadData(InvalidRequest):
    """The request's data break a rule of the data model"""


class NotAuthenticated(HubError):
    """The request carries no valid credentials"""

    @property
    def challenge(self) -> str:
        """The `WWW-Authenticate` header of the answer (RFC 6750, 3)."""
        return 'Bearer realm="hiroba"'


class NotAllowed(HubError):
    """The caller has no grant for this"""


class NotFound(HubError):
    """The thing does not exist"""


class UnknownTenant(NotFound):
    """The tenant does not exist"""


class AlreadyExists(HubError):
    """The thing already exists"""


class Conflict(HubError):
    """The request is in conflict with the present state"""


class Ambiguous(Conflict):
    """More than one thing matches"""


class Unprocessable(HubError):
    """The request is understood but cannot be applied to the present state"""


class NotSupported(HubError):
    """The operation is not supported"""


class TooComplex(HubError):
    """The query is too complex or too wide"""


class TooLarge(HubError):
    """The request is too large"""


class TooMany(HubError):
    """Too many requests"""


class RateLimited(TooMany):
    """Too many requests within a time"""

    def __init__(self, detail: str | None = None, headers: tuple[tuple[str, str], ...] = (), **more: object) -> None:
        super().__init__(detail, **more)  # type: ignore[arg-type]
        self.headers = headers


class QuotaReached(NotAllowed):
    """The tenant has reached a quota"""


class Unavailable(HubError):
    """A part the request needs is away; try again"""

    retry_after_s = 5
