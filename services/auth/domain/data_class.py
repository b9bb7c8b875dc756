"""The legal classes of attributes (個人情報保護法), as `access.classes` of a tenant in the feed."""

from collections.abc import Sequence

from services.auth.domain.scopes import is_type_name
from services.kernel.errors import BadData
from services.kernel.identity.rules import LEGAL_CLASSES, ClassRule

MOST_CLASSES = 500


def read_classes(classes: Sequence[ClassRule]) -> tuple[ClassRule, ...]:
    """Hold classes against their grammar. Raises BadData naming the class."""
    seen: set[tuple[str, str]] = set()
    for position, each in enumerate(classes):
        field = f"classes.{position}"
        for name in ("type", "attribute", "subject"):
            word = getattr(each, name)
            if word is not None and (word == "*" or not is_type_name(word)):
                raise BadData(f"{name} must be a name or IRI", field=f"{field}.{name}")
        if each.legal_class not in LEGAL_CLASSES:
            raise BadData(f"legal_class must be one of {', '.join(LEGAL_CLASSES)}", field=f"{field}.legal_class")
        if (each.type, each.attribute) in seen:
            raise BadData(f"{each.attribute} of {each.type} has a class already", field=f"{field}.attribute")
        seen.add((each.type, each.attribute))
    return tuple(classes)
