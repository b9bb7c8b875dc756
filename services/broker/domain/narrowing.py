"""What is left of a view when its owner's standing has changed: never more than before."""

from dataclasses import replace

from services.broker.domain.view import View, ViewPart
from services.kernel.identity.grant import covers


def narrowed(old: View | None, new: View | None) -> View | None:
    """Return what both an old view and a new one show (None: everything); without parts: nothing is left.

    What is withheld is as it is now.
    """
    if old is None:
        return new
    if new is None:
        return replace(old, withheld=())
    parts = tuple(left for part in old.parts if (left := _within(part, new)) is not None)
    return View(parts, new.withheld, old.receiver if old.receiver[0] else new.receiver)


def _within(part: ViewPart, new: View) -> ViewPart | None:
    """Return a part as far as one part of the new view covers it, None where none covers all of it."""
    for each in new.parts:
        has_types = not each.types or (bool(part.types) and set(part.types) <= set(each.types))
        has_attributes = not each.attributes or (bool(part.attributes) and set(part.attributes) <= set(each.attributes))
        if covers(each.path, part.path) and has_types and has_attributes:
            closed = tuple(dict.fromkeys((*part.closed, *each.closed)))
            others = tuple(dict.fromkeys((*part.other_types, *each.other_types)))
            return replace(part, closed=closed, other_types=others)
    return None
