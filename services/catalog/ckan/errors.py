"""Errors in CKAN's words: `{"success": false, "error": {"__type": …, "message": …}}` with its status codes."""

from collections.abc import Mapping

from pydantic import ValidationError

from services.kernel import errors
from services.kernel.errors import InvalidRequest
from services.kernel.problems import status_of

Refusal = tuple[int, Mapping[str, object]]


class SearchQueryError(InvalidRequest):
    """The search query is not valid"""


class BadRequest(InvalidRequest):
    """The request cannot be read"""


class ParameterError(InvalidRequest):
    """A parameter is missing or not valid"""

    def __init__(self, faults: Mapping[str, list[str]]) -> None:
        super().__init__("; ".join(f"{name}: {', '.join(said)}" for name, said in faults.items()))
        self.faults = faults


def parameter_error(error: ValidationError) -> ParameterError:
    """Say in CKAN's words what is wrong with which parameter."""
    faults: dict[str, list[str]] = {}
    for fault in error.errors():
        name = ".".join(str(part) for part in fault["loc"]) or "parameters"
        said = "Missing value" if fault["type"] == "missing" else fault["msg"]
        faults.setdefault(name, []).append(said)
    return ParameterError(faults)


def refusal_of(error: errors.HubError) -> Refusal:
    """Return the status and the error object for an error (CKAN, API guide: 400, 403, 404, 409)."""
    match error:
        case ParameterError():
            return 409, {"__type": "Validation Error", **error.faults}
        case SearchQueryError():
            return 400, {"__type": "Search Query Error", "message": f"Search Query is invalid: {error.detail}"}
        case errors.NotFound():
            return 404, {"__type": "Not Found Error", "message": f"Not found: {error.detail}"}
        case errors.NotAuthenticated() | errors.NotAllowed():
            return 403, {"__type": "Authorization Error", "message": f"Access denied: {error.detail}"}
        case _:
            return status_of(error), {"__type": type(error).__name__, "message": error.detail}


def fault_of(error: errors.HubError) -> ParameterError:
    """Return what is wrong with what is to be written, by CKAN's name of the member."""
    name = _MEMBERS.get(error.field or "", error.field or "message")
    return ParameterError({name: [error.detail]})


_MEMBERS = {"titles": "title", "descriptions": "notes", "licence": "license_id", "access": "private"}
