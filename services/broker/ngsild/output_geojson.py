"""Entities as GeoJSON features (4.5.16, 4.5.17, 6.3.15)."""

from collections.abc import Sequence
from typing import Any

from services.broker.domain.attribute import GEO_PROPERTY, default_instance
from services.broker.domain.entity import Entity
from services.broker.ngsild.output_entity import entity_document
from services.broker.ngsild.representation import Representation


def feature(entity: Entity, shown: Representation) -> dict[str, Any]:
    """Return an entity as a Feature; its geometry is the geometry property's, null where there is none."""
    document = entity_document(entity, shown)
    properties = {name: value for name, value in document.items() if name != "id"}
    return {
        "id": entity.uri,
        "type": "Feature",
        "geometry": _geometry(entity, shown),
        "properties": properties,
    }


def feature_collection(views: Sequence[tuple[Entity, Representation]]) -> dict[str, Any]:
    """Return entities, each as it is to be shown, as a FeatureCollection."""
    return {"type": "FeatureCollection", "features": [feature(*view) for view in views]}


def _geometry(entity: Entity, shown: Representation) -> Any:
    instances = entity.attrs.get(shown.context.expand(shown.geometry_property), [])
    if shown.dataset_ids is not None:
        instances = [each for each in instances if each.get("datasetId") in shown.dataset_ids]
    if not instances:
        return None
    instance = default_instance(instances)
    return instance["value"] if instance["kind"] == GEO_PROPERTY else None
