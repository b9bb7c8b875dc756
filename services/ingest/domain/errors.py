"""What provisioning refuses, beside the kernel's words."""

from collections.abc import Iterable

from services.kernel.errors import AlreadyExists, InvalidRequest, NotAllowed, NotFound, Unavailable


class MissingHeaders(InvalidRequest):
    """Some headers are missing from the request"""

    def __init__(self, missing: Iterable[str]) -> None:
        names = list(missing)
        super().__init__(", ".join(names), field=names[0])


class MissingParameters(InvalidRequest):
    """Some of the mandatory parameters are missing from the request"""


class UnsupportedType(InvalidRequest):
    """The request content has another media type"""


class WrongSyntax(InvalidRequest):
    """The request's body breaks a rule"""


class FixedId(InvalidRequest):
    """The id of a device cannot be changed"""


class DuplicateGroup(AlreadyExists):
    """A group with this resource and API key already exists"""


class DuplicateDevice(AlreadyExists):
    """A device with this id and API key already exists"""


class GroupNotFound(NotFound):
    """The device group does not exist"""


class DeviceNotFound(NotFound):
    """The device does not exist"""


class MismatchedService(NotAllowed):
    """The declared service path is not that of the stored group"""


class EndpointNotFound(InvalidRequest):
    """The device has no HTTP endpoint to call"""


class DeviceFails(Unavailable):
    """The device cannot be reached, or refuses what it is told"""
