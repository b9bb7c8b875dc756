"""The route table of context source registrations, and of what comes later, with their words."""

from typing import Final

from services.broker.http.route import Content, Operation, Parameter, Route
from services.broker.ngsild import registrations, words
from services.broker.ngsild.words import BODY_ERRORS, GENERAL_ERRORS

_TAG: Final = "NGSI-LD context sources"
_ALL: Final = "/ngsi-ld/v1/csourceRegistrations"
_ONE: Final = "/ngsi-ld/v1/csourceRegistrations/{registrationId}"
_COMMON: Final = (words.LOCAL, words.TENANT, words.LINK)
_DONE: Final = Content("Done")
_SYS: Final = Parameter("sysAttrs", "Whether to show createdAt and modifiedAt", {"type": "boolean"})
_CONFLICT: Final = {409: words.problem("It exists already, or another source or entity stands against it (Conflict)")}
_BODY: Final = words.body(
    "The registration (5.2.9)",
    words.OBJECT,
    {
        "type": "ContextSourceRegistration",
        "mode": "exclusive",
        "operations": ["updateOps"],
        "information": [
            {
                "entities": [{"type": "FloodGate", "id": "urn:ngsi-ld:FloodGate:1"}],
                "propertyNames": ["open"],
            }
        ],
        "endpoint": "https://gates.example.org",
    },
)
_FILTERS: Final = (
    words.ID,
    words.ID_PATTERN,
    words.TYPE,
    words.ATTRS,
    words.Q,
    words.CSF,
    words.GEOREL,
    words.GEOMETRY,
    words.COORDINATES,
    words.GEOPROPERTY,
    words.SCOPE_Q,
    Parameter("timerel", "`before`, `after` or `between`: the interval of which the source has data"),
    Parameter("timeAt", "Its instant, or where it begins"),
    Parameter("endTimeAt", "Where it ends"),
    Parameter("timeproperty", "`observedAt` (observationInterval) or another time (managementInterval)"),
)
_ROUTES: Final = (
    Route(
        "POST",
        _ALL,
        registrations.register,
        "register",
        Operation(
            "Register a context source",
            "Clause 5.9.2. Writes to entities that an exclusive or redirect registration names go to its endpoint.",
            _TAG,
            _COMMON,
            _BODY,
            {201: Content("Created", headers={"Location": "The registration"}), **BODY_ERRORS, **_CONFLICT},
        ),
    ),
    Route(
        "GET",
        _ALL,
        registrations.query_registrations,
        "register",
        Operation(
            "Query registrations",
            "Clause 5.10.2. At least one filter must be given.",
            _TAG,
            (*_FILTERS, words.LIMIT, words.OFFSET, words.COUNT, words.OPTIONS, _SYS, *_COMMON),
            None,
            {200: words.listed("The registrations", {"type": "array", "items": words.OBJECT}), **GENERAL_ERRORS},
        ),
    ),
    Route(
        "GET",
        _ONE,
        registrations.retrieve_registration,
        "register",
        Operation(
            "Retrieve a registration",
            "Clause 5.10.1.",
            _TAG,
            (words.OPTIONS, _SYS, *_COMMON),
            None,
            {200: words.listed("The registration", words.OBJECT), **GENERAL_ERRORS},
        ),
    ),
    Route(
        "PATCH",
        _ONE,
        registrations.update_registration,
        "register",
        Operation(
            "Update a registration",
            "Clause 5.9.3. What is named takes the place of what is there; null removes.",
            _TAG,
            _COMMON,
            _BODY,
            {204: _DONE, **BODY_ERRORS, **_CONFLICT},
        ),
    ),
    Route(
        "DELETE",
        _ONE,
        registrations.delete_registration,
        "register",
        Operation("Delete a registration", "Clause 5.9.4.", _TAG, _COMMON, None, {204: _DONE, **GENERAL_ERRORS}),
    ),
)


def registration_routes() -> tuple[Route, ...]:
    """Return the routes of context source registrations."""
    return _ROUTES
