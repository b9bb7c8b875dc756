"""Which entity types and attributes there are (5.7.5-5.7.10, 6.20-6.23)."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from services.broker.domain.names import Context
from services.broker.domain.view import EVERYWHERE
from services.broker.http.face import Call
from services.broker.http.response import Response
from services.broker.ngsild.answers import document_answer
from services.broker.ngsild.context import context_of
from services.broker.ngsild.parameters import read_flag, read_representation
from services.broker.store import discovery
from services.broker.store.discovery import TypeAttribute
from services.kernel.errors import NotFound
from services.kernel.postgres import session


async def list_types(call: Call) -> Response:
    """List entity types (5.7.5), with details (5.7.6)."""
    context = await context_of(call)
    shown = read_representation(call, context, geo=False)
    found = await _found(call)
    names = sorted({each.type for each in found})
    if read_flag(call.request.parameters, "details"):
        return await document_answer(call, [_type_details(name, found, context) for name in names], shown)
    short = [context.compact(name) for name in names]
    listed = {"id": _list_id("EntityTypeList", short), "type": "EntityTypeList", "typeList": short}
    return await document_answer(call, listed, shown)


async def describe_type(call: Call) -> Response:
    """Describe one entity type (5.7.7)."""
    context = await context_of(call)
    name = context.expand(call.values[0])
    rows = [each for each in await _found(call) if each.type == name]
    if not rows:
        raise NotFound(f"There is no entity of type {call.values[0]}")
    details = [
        {
            "id": each.attribute,
            "type": "Attribute",
            "attributeName": context.compact(each.attribute),
            "attributeTypes": sorted(each.kinds),
        }
        for each in rows
        if each.attribute is not None
    ]
    document = {
        "id": name,
        "type": "EntityTypeInfo",
        "typeName": context.compact(name),
        "entityCount": rows[0].entities,
        "attributeDetails": details,
    }
    return await document_answer(call, document, read_representation(call, context, geo=False))


async def list_attributes(call: Call) -> Response:
    """List attributes (5.7.8), with details (5.7.9)."""
    context = await context_of(call)
    shown = read_representation(call, context, geo=False)
    by_name = _by_attribute(await _found(call))
    if read_flag(call.request.parameters, "details"):
        listed: Any = [
            {
                "id": name,
                "type": "Attribute",
                "attributeName": context.compact(name),
                "typeNames": [context.compact(each.type) for each in rows],
            }
            for name, rows in by_name.items()
        ]
        return await document_answer(call, listed, shown)
    short = [context.compact(name) for name in by_name]
    listed = {"id": _list_id("AttributeList", short), "type": "AttributeList", "attributeList": short}
    return await document_answer(call, listed, shown)


async def describe_attribute(call: Call) -> Response:
    """Describe one attribute (5.7.10)."""
    context = await context_of(call)
    name = context.expand(call.values[0])
    rows = _by_attribute(await _found(call)).get(name)
    if rows is None:
        raise NotFound(f"There is no attribute {call.values[0]}")
    document = {
        "id": name,
        "type": "Attribute",
        "attributeName": context.compact(name),
        "attributeCount": sum(each.count for each in rows),
        "typeNames": [context.compact(each.type) for each in rows],
        "attributeTypes": sorted({kind for each in rows for kind in each.kinds}),
    }
    return await document_answer(call, document, read_representation(call, context, geo=False))


async def _found(call: Call) -> Sequence[TypeAttribute]:
    tenant = await call.tenant()
    async with session(call.broker.query_pool) as connection:
        found = await discovery.types_and_attributes(connection, tenant.tenant_id)
    view = call.broker.view
    return found if view is None else [each for each in found if view.shows(each.type, each.attribute, (EVERYWHERE,))]


def _by_attribute(found: Sequence[TypeAttribute]) -> Mapping[str, list[TypeAttribute]]:
    by_name: dict[str, list[TypeAttribute]] = {}
    for each in sorted(found, key=lambda one: (one.attribute or "", one.type)):
        if each.attribute is not None:
            by_name.setdefault(each.attribute, []).append(each)
    return by_name


def _type_details(name: str, found: Sequence[TypeAttribute], context: Context) -> dict[str, Any]:
    attributes = sorted(each.attribute for each in found if each.type == name and each.attribute is not None)
    return {
        "id": name,
        "type": "EntityType",
        "typeName": context.compact(name),
        "attributeNames": [context.compact(each) for each in attributes],
    }


def _list_id(kind: str, names: Sequence[str]) -> str:
    return f"urn:ngsi-ld:{kind}:{blake2b(chr(0).join(names).encode(), digest_size=12).hexdigest()}"
