"""The entity that tells whether a data set is late, to which one can subscribe in the context broker."""

import uuid
from enum import StrEnum
from typing import Any, Final

from services.catalog.domain.dataset import Dataset
from services.catalog.domain.unit import WHOLE
from services.kernel.clock import to_iso_millis

FRESHNESS_TYPE: Final = "DatasetFreshness"


class Freshness(StrEnum):
    """Whether a data set is late, has been renewed since, or is published no more."""

    LATE = "late"
    FRESH = "fresh"
    WITHDRAWN = "withdrawn"


def freshness_entity(identifier: uuid.UUID, state: Freshness, dataset: Dataset | None, uri: str) -> dict[str, Any]:
    """Return the entity of a data set as NGSI-LD; of one that is gone it says only that.

    `dueAt` is when it was, or will be, late; the unit is the entity's scope.
    """
    entity: dict[str, Any] = {
        "id": f"urn:ngsi-ld:{FRESHNESS_TYPE}:{identifier}",
        "type": FRESHNESS_TYPE,
        "freshnessState": {"type": "Property", "value": state},
        "dataset": {"type": "Property", "value": uri},
    }
    if dataset is None:
        return entity
    entity["title"] = {"type": "LanguageProperty", "languageMap": dict(dataset.content.titles)}
    entity["datasetName"] = {"type": "Property", "value": dataset.name}
    if dataset.due_at is not None:
        due = {"@type": "DateTime", "@value": to_iso_millis(dataset.due_at)}
        entity["dueAt"] = {"type": "Property", "value": due}
    if dataset.content.modified:
        entity["lastChange"] = {"type": "Property", "value": dataset.content.modified}
    if dataset.unit != WHOLE:
        entity["scope"] = dataset.unit
    return entity
