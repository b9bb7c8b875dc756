"""A batch of updates: actions and the mutations they make of each entity (Orion API, Update operation)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.read_entity import SentEntity, read_entity
from services.broker.operations.mutation import Combine, Mutation
from services.broker.operations.v2_combine import override_metadata, stick_metadata
from services.broker.operations.v2_updates import Admit, DeleteAttributes, ReplaceAttributes, UpdateEntity
from services.broker.operations.writes import DeleteEntity
from services.kernel.errors import BadData, NotSupported


class Action(StrEnum):
    """What a batch does with each entity."""

    APPEND = "append"
    APPEND_STRICT = "appendStrict"
    UPDATE = "update"
    DELETE = "delete"
    REPLACE = "replace"


_ACTIONS = frozenset(Action)
_PATTERNS = frozenset({"idPattern", "typePattern"})
_OLD_SPELLINGS = {
    "APPEND": Action.APPEND,
    "APPEND_STRICT": Action.APPEND_STRICT,
    "append_strict": Action.APPEND_STRICT,
    "UPDATE": Action.UPDATE,
    "DELETE": Action.DELETE,
    "REPLACE": Action.REPLACE,
}


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it is sent. `options` are the request's."""

    action: Action
    entities: tuple[SentEntity, ...]
    options: frozenset[str]

    @property
    def combine(self) -> Combine:
        """How written attributes join those that are there."""
        return override_metadata if "overrideMetadata" in self.options else stick_metadata

    def mutations(self, names: Names, path: str) -> list[Mutation]:
        """Return what is done, entity by entity."""
        return [self._mutation(entity, names, path) for entity in self.entities]

    def _mutation(self, sent: SentEntity, names: Names, path: str) -> Mutation:
        ref = sent.reference(names, path)
        forced = "forcedUpdate" in self.options
        attributes, expiry = sent.attributes, sent.expiry
        match self.action:
            case Action.APPEND:
                creation = sent.creation(names, path)
                return UpdateEntity(ref, attributes, Admit.ANY, self.combine, forced, expiry, creation)
            case Action.APPEND_STRICT:
                creation = sent.creation(names, path)
                return UpdateEntity(ref, attributes, Admit.NEW, self.combine, forced, expiry, creation)
            case Action.UPDATE:
                return UpdateEntity(ref, attributes, Admit.PRESENT, self.combine, forced, expiry)
            case Action.REPLACE:
                return ReplaceAttributes(ref, attributes, forced, expiry.at if expiry else None)
            case Action.DELETE:
                if not attributes and expiry is None:
                    return DeleteEntity(ref)
                return DeleteAttributes(ref, tuple(attributes), end_of_expiry=expiry is not None)


def read_batch(document: dict[str, Any], names: Names, options: frozenset[str]) -> Batch:
    """Read the body of /v2/op/update. Raises BadData, NotSupported."""
    unknown = document.keys() - {"actionType", "entities"}
    if unknown:
        raise BadData(f"A batch has no member '{min(unknown)}'", field=min(unknown))
    action = _read_action(document.get("actionType"))
    entities = document.get("entities")
    if not isinstance(entities, list) or not entities:
        raise BadData("entities must be a list that is not empty", field="entities")
    if any(isinstance(each, dict) and not _PATTERNS.isdisjoint(each) for each in entities):
        raise NotSupported("A batch update names its entities: idPattern and typePattern are not supported")
    key_values = "keyValues" in options
    return Batch(action, tuple(read_entity(each, names, key_values=key_values) for each in entities), options)


def _read_action(text: Any) -> Action:
    if isinstance(text, str):
        if text in _OLD_SPELLINGS:
            return _OLD_SPELLINGS[text]
        if text in _ACTIONS:
            return Action(text)
    raise BadData("actionType must be append, appendStrict, update, delete or replace", field="actionType")


def read_notification(document: dict[str, Any], names: Names) -> Batch:
    """Read the body of /v2/op/notify, a normalized notification, as a batch that appends. Raises BadData."""
    if not isinstance(document.get("subscriptionId"), str):
        raise BadData("subscriptionId must be a string", field="subscriptionId")
    data = document.get("data")
    if not isinstance(data, list) or not data:
        raise BadData("data must be a list that is not empty", field="data")
    unknown = document.keys() - {"subscriptionId", "data"}
    if unknown:
        raise BadData(f"A notification has no member '{min(unknown)}'", field=min(unknown))
    return Batch(Action.APPEND, tuple(read_entity(each, names, key_values=False) for each in data), frozenset())
