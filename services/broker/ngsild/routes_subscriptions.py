"""The route table of subscriptions, with its words."""

from typing import Final

from services.broker.http.route import Content, Operation, Parameter, Route
from services.broker.ngsild import subscriptions, words
from services.broker.ngsild.words import BODY_ERRORS, GENERAL_ERRORS

_TAG: Final = "NGSI-LD subscriptions"
_ALL: Final = "/ngsi-ld/v1/subscriptions"
_ONE: Final = "/ngsi-ld/v1/subscriptions/{subscriptionId}"
_COMMON: Final = (words.LOCAL, words.TENANT, words.LINK)
_DONE: Final = Content("Done")
_SYS: Final = Parameter("sysAttrs", "Whether to show createdAt and modifiedAt", {"type": "boolean"})
_BODY: Final = words.body(
    "The subscription (5.2.12)",
    words.OBJECT,
    {
        "type": "Subscription",
        "entities": [{"type": "WaterLevelObserved"}],
        "watchedAttributes": ["alertLevel"],
        "q": "alertLevel>=2",
        "notification": {
            "format": "simplified",
            "endpoint": {"uri": "https://alerts.example.org/notify", "accept": "application/json"},
        },
    },
)
_LIST: Final = {"type": "array", "items": words.OBJECT}


_SHOWN: Final = (words.OPTIONS, _SYS, *_COMMON)
_ROUTES: Final = (
    Route(
        "POST",
        _ALL,
        subscriptions.create_subscription,
        "subscribe",
        Operation(
            "Subscribe",
            "Clause 5.8.1.",
            _TAG,
            _COMMON,
            _BODY,
            {
                201: Content("Created", headers={"Location": "The subscription"}),
                **BODY_ERRORS,
                409: words.problem("The subscription exists already (AlreadyExists)"),
            },
        ),
    ),
    Route(
        "GET",
        _ALL,
        subscriptions.list_subscriptions,
        "subscribe",
        Operation(
            "List subscriptions",
            "Clause 5.8.4.",
            _TAG,
            (words.LIMIT, words.OFFSET, words.COUNT, *_SHOWN),
            None,
            {200: words.listed("The subscriptions", _LIST), **GENERAL_ERRORS},
        ),
    ),
    Route(
        "GET",
        _ONE,
        subscriptions.retrieve_subscription,
        "subscribe",
        Operation(
            "Retrieve a subscription",
            "Clause 5.8.3.",
            _TAG,
            _SHOWN,
            None,
            {200: words.listed("The subscription", words.OBJECT), **GENERAL_ERRORS},
        ),
    ),
    Route(
        "PATCH",
        _ONE,
        subscriptions.update_subscription,
        "subscribe",
        Operation("Update a subscription", "Clause 5.8.2.", _TAG, _COMMON, _BODY, {204: _DONE, **BODY_ERRORS}),
    ),
    Route(
        "DELETE",
        _ONE,
        subscriptions.delete_subscription,
        "subscribe",
        Operation("Delete a subscription", "Clause 5.8.5.", _TAG, _COMMON, None, {204: _DONE, **GENERAL_ERRORS}),
    ),
)


def subscription_routes() -> tuple[Route, ...]:
    """Return the routes of subscriptions."""
    return _ROUTES
