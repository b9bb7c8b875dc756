"""Pages of entities as each API shows them: one JSON document a line."""

from collections.abc import Callable, Collection
from typing import Any

import orjson

from services.broker.domain.entity import Entity
from services.broker.domain.names import Context
from services.broker.domain.view import View
from services.broker.ngsild.context import context_member
from services.broker.ngsild.output_entity import entity_document
from services.broker.ngsild.representation import Projection, Representation
from services.broker.ngsiv2.names import Names
from services.broker.ngsiv2.parameters import Shape
from services.broker.ngsiv2.render import render_entity
from services.broker.operations.consents import given
from services.broker.store import exports
from services.kernel.postgres import Connection
from services.kernel.sql import Fragment

Show = Callable[[Entity], Any]


def as_ngsi_ld(context: Context, attributes: Collection[str]) -> Show:
    """Show entities normalized (4.5.1), each with its @context; none of the attributes named: all."""
    pick = Projection(frozenset({"id", "type", "scope", *attributes})) if attributes else None
    shown = Representation(context, pick=pick)
    head = {"@context": context_member(context)}
    return lambda entity: {**entity_document(entity, shown), **head}


def as_ngsi_v2(context: Context, attributes: Collection[str]) -> Show:
    """Show entities as NGSIv2 does, normalized; none of the attributes named: all."""
    names = Names(context)
    shape = Shape(attributes=tuple(map(names.short, attributes)) or None)
    return lambda entity: render_entity(entity, shape, names)


def documents(show: Show, view: View | None, tenant_id: int) -> exports.Page:
    """Write entities of a tenant as lines, each one JSON document, as far as a view and persons' consent show them."""

    async def write(connection: Connection, where: Fragment) -> bytes:
        seen = await exports.entities(connection, where)
        if view is not None:
            consents = await given(connection, tenant_id, view, seen)
            seen = [shown for each in seen if (shown := view.shown(each, consents)) is not None]
        return b"".join(orjson.dumps(show(each)) + b"\n" for each in seen)

    return write
