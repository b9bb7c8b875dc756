"""SQL fragments within SQLAlchemy's statements."""

from typing import Final

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.types import NULLTYPE

from services.kernel.sql import PLACE, Fragment

_NAME: Final = r"(:value_\1)"


def expression(fragment: Fragment) -> TextClause:
    """Return a fragment as a condition of a statement; what its values are, the database tells from their places."""
    named = text(PLACE.sub(_NAME, fragment.text))
    values = enumerate(fragment.parameters, 1)
    return named.bindparams(*(bindparam(f"value_{n}", value, NULLTYPE, unique=True) for n, value in values))
