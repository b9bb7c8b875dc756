"""What a filter reaches: linked entities, and data beyond the members that every entity has (NGSI-LD 5.7.2.4)."""

from services.broker.query import tree
from services.broker.query.tree import AttributeTarget, Compare, Exists, Filter, Linked, Not


def depth(condition: Filter) -> int:
    """Return how many links deep a filter looks."""
    match condition:
        case tree.All(parts) | tree.Any(parts):
            return max(map(depth, parts))
        case Not(part):
            return depth(part)
        case Linked(part=part):
            return 1 + depth(part)
        case _:
            return 0


def names_data(condition: Filter) -> bool:
    """Tell whether a filter names an attribute."""
    match condition:
        case tree.All(parts) | tree.Any(parts):
            return any(map(names_data, parts))
        case Not(part):
            return names_data(part)
        case Linked():
            return True
        case Exists(target) | Compare(target, _, _):
            return isinstance(target, AttributeTarget)
