"""Which linked entities a filter needs to be decided (NGSI-LD 4.9), beyond those that are known. No I/O."""

from services.broker.domain.entity import Entity
from services.broker.query import tree
from services.broker.query.matches import Links, linked_uris
from services.broker.query.tree import Filter, Linked, Not


def missing_links(condition: Filter, entity: Entity, links: Links) -> set[str]:
    """Return the URIs whose entities `links` must hold as well; none where the filter can be decided.

    Asked again with what was found, it goes one link deeper each time; a URI without an entity is known as ().
    """
    match condition:
        case tree.All(parts) | tree.Any(parts):
            return set().union(*(missing_links(part, entity, links) for part in parts))
        case Not(part):
            return missing_links(part, entity, links)
        case Linked(part=part):
            uris = linked_uris(condition, entity)
            below = (missing_links(part, other, links) for uri in uris for other in links.get(uri, ()))
            return {uri for uri in uris if uri not in links}.union(*below)
        case _:
            return set()
