"""Providers that speak NGSIv1 (`legacyForwarding`): NGSIv2 queries and updates in its words, and its answers read."""

from collections.abc import Iterable, Mapping
from typing import Any

_DONE = ("200", "201", "204")


def query_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of queryContext that asks what a body of op/query asks."""
    query: dict[str, Any] = {"entities": [_entity_of(each) for each in document["entities"]]}
    if document.get("attrs"):
        query["attributes"] = list(document["attrs"])
    return query


def _entity_of(selector: Mapping[str, Any]) -> dict[str, str]:
    kind = {"type": selector["type"]} if "type" in selector else {}
    is_pattern = "idPattern" in selector
    return {**kind, "isPattern": str(is_pattern).lower(), "id": selector["idPattern" if is_pattern else "id"]}


def update_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of updateContext that says what a body of op/update says."""
    elements = [
        {**_entity_of(entity), "attributes": [_attribute_of(name, each) for name, each in _attributes(entity)]}
        for entity in document["entities"]
    ]
    return {"contextElements": elements, "updateAction": "UPDATE"}


def _attributes(entity: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return [(name, each) for name, each in entity.items() if name not in ("id", "type")]


def _attribute_of(name: str, attribute: Mapping[str, Any]) -> dict[str, Any]:
    metadata = [{"name": each, **member} for each, member in attribute.get("metadata", {}).items()]
    shown = {"name": name, "type": attribute["type"], "value": attribute["value"]}
    return {**shown, "metadatas": metadata} if metadata else shown


def _elements(answer: Any) -> list[Mapping[str, Any]]:
    """Return the context elements that an answer says are there. Raises ValueError where it is no such answer."""
    responses = answer.get("contextResponses", []) if isinstance(answer, dict) else None
    if not isinstance(responses, list) or not all(isinstance(each, dict) for each in responses):
        raise ValueError("The answer is not NGSIv1's")
    return [
        each["contextElement"] for each in responses if _is_good(each) and isinstance(each.get("contextElement"), dict)
    ]


def _is_good(response: Mapping[str, Any]) -> bool:
    status = response.get("statusCode", {})
    return isinstance(status, dict) and str(status.get("code")) in _DONE


def entities_of(answer: Any) -> list[dict[str, Any]]:
    """Return the entities in an answer to queryContext, as NGSIv2 writes them. Raises ValueError."""
    try:
        return [_shown(each) for each in _elements(answer)]
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("The answer is not NGSIv1's") from error


def _shown(element: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: element[name] for name in ("id", "type") if element.get(name)}
    for each in element.get("attributes", ()):
        metadata = {
            one["name"]: {key: one[key] for key in ("type", "value") if key in one} for one in each.get("metadatas", ())
        }
        kind = {"type": each["type"]} if each.get("type") else {}
        shown[each["name"]] = {**kind, "value": each.get("value"), "metadata": metadata}
    return shown


def is_done(answer: Any) -> bool:
    """Tell whether an answer to updateContext says that all was done. Raises ValueError."""
    return bool(_elements(answer)) and len(_elements(answer)) == len(answer["contextResponses"])
