"""The type that an export is of."""

from services.kernel.errors import BadData


def single_type(name: str | None) -> str:
    """Return the name of one entity type, not a selection of several. Raises BadData."""
    if not name or any(sign in name for sign in "(),;|"):
        raise BadData("type must name one entity type", field="type")
    return name
