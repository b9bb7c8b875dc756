"""Data sets as rows, and rows as data sets."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import RowMapping

from services.catalog.domain.appearance import Appearance
from services.catalog.domain.dataset import (
    CONTENT_FIELDS,
    Access,
    AccessBy,
    Agent,
    Contact,
    Content,
    Dataset,
    Kind,
    Live,
    Origin,
    Publisher,
    State,
    Withdrawal,
)
from services.catalog.domain.distribution import Distribution
from services.catalog.store.search_columns import search_columns

Row = RowMapping | Mapping[str, Any]
_ARRAYS = ("themes", "keywords", "languages", "conforms_to", "documentation", "sources", "serves")
_AGENTS = ("contact", "creator")
_PLAIN = tuple(name for name in CONTENT_FIELDS if name not in {*_ARRAYS, *_AGENTS, "box", "distributions"})
_LIFE = ("unit", "version", "published_at", "submitted_by", "created_at", "updated_at")
_DISTRIBUTION_PLAIN = tuple(
    each.name
    for each in dataclasses.fields(Distribution)
    if each.name not in {"distribution_id", "interface", "conforms_to", "fields"}
)


def dataset_row(dataset: Dataset) -> dict[str, Any]:
    """Return the row of a data set, its search columns included."""
    return {
        "dataset_id": dataset.dataset_id,
        "tenant_id": dataset.publisher.tenant_id,
        "name": dataset.name,
        "kind": dataset.kind,
        "state": dataset.state,
        "withdrawn_because": dataset.withdrawn_because,
        "access": dataset.access,
        "access_by": dataset.access_by,
        "edited": sorted(dataset.edited),
        **{name: getattr(dataset, name) for name in _LIFE},
        **_content_columns(dataset.content),
        **_origin_columns(dataset.origin),
        **_live_columns(dataset.live),
        **search_columns(dataset),
    }


def distribution_rows(dataset: Dataset) -> list[dict[str, Any]]:
    """Return the rows of a data set's stored distributions, in their order."""
    return [
        {
            "tenant_id": dataset.publisher.tenant_id,
            "dataset_id": dataset.dataset_id,
            "position": position,
            "distribution_id": each.distribution_id,
            "fields": dict(each.fields),
            "conforms_to": list(each.conforms_to),
            **{name: getattr(each, name) for name in _DISTRIBUTION_PLAIN},
        }
        for position, each in enumerate(dataset.content.distributions)
    ]


def dataset_of(row: Row, publisher: Publisher, distributions: Iterable[Row]) -> Dataset:
    """Return the data set that a row and the rows of its distributions hold."""
    because = row["withdrawn_because"]
    return Dataset(
        dataset_id=row["dataset_id"],
        name=row["name"],
        publisher=publisher,
        kind=Kind(row["kind"]),
        content=_content_of(row, distributions),
        **{name: row[name] for name in _LIFE},
        state=State(row["state"]),
        withdrawn_because=Withdrawal(because) if because else None,
        access=Access(row["access"]),
        access_by=AccessBy(row["access_by"]),
        origin=_origin_of(row),
        edited=frozenset(row["edited"]),
        live=_live_of(row),
    )


def publisher_of(row: Row) -> Publisher:
    """Return a tenant as a publisher.

    `row` has tenant_id, tenant_name, tenant_details (auth's feed) and tenant_appearance.
    """
    details = row["tenant_details"]
    name = row["tenant_name"]
    appearance = Appearance(**(row["tenant_appearance"] or {}))
    return Publisher(
        tenant_id=row["tenant_id"],
        name=name,
        title=appearance.names.get("ja") or details.get("title") or name or "default tenant",
        title_en=appearance.names.get("en") or details.get("title_en") or "",
        code=details.get("code") or None,
        kind=details.get("kind") or "",
        parent=details.get("parent"),
        appearance=appearance,
    )


def _content_columns(content: Content) -> dict[str, Any]:
    columns = {name: getattr(content, name) for name in _PLAIN}
    columns |= {name: list(getattr(content, name)) for name in _ARRAYS}
    columns |= {name: _agent_column(getattr(content, name)) for name in _AGENTS}
    return columns | {"box": list(content.box) if content.box else None}


def _agent_column(agent: Contact | Agent | None) -> dict[str, str] | None:
    return {"name": agent.name, "email": agent.email, "url": agent.url} if agent else None


def _content_of(row: Row, distributions: Iterable[Row]) -> Content:
    values = {name: row[name] for name in _PLAIN}
    values |= {name: tuple(row[name]) for name in _ARRAYS}
    values["box"] = tuple(row["box"]) if row["box"] else None
    values["contact"] = Contact(**row["contact"]) if row["contact"] else None
    values["creator"] = Agent(**row["creator"]) if row["creator"] else None
    return Content(**values, distributions=tuple(map(_distribution_of, distributions)))


def _distribution_of(row: Row) -> Distribution:
    plain = {name: row[name] for name in _DISTRIBUTION_PLAIN}
    return Distribution(
        distribution_id=row["distribution_id"], fields=row["fields"], conforms_to=tuple(row["conforms_to"]), **plain
    )


def _origin_columns(origin: Origin | None) -> dict[str, Any]:
    names = ("source", "key", "url", "name")
    columns = ("source", "source_key", "source_url", "source_name")
    return {column: getattr(origin, name, None) for column, name in zip(columns, names, strict=True)}


def _origin_of(row: Row) -> Origin | None:
    if row["source"] is None:
        return None
    return Origin(row["source"], row["source_key"], row["source_url"], row["source_name"])


def _live_columns(live: Live | None) -> dict[str, Any]:
    return {
        "entity_type": live.entity_type if live else None,
        "type_name": live.type_name if live else None,
        "attributes": list(live.attributes) if live else None,
        "entity_count": live.entity_count if live else None,
    }


def _live_of(row: Row) -> Live | None:
    if row["entity_type"] is None:
        return None
    return Live(row["entity_type"], row["type_name"], tuple(row["attributes"]), row["entity_count"])
