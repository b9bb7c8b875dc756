"""Telling who provisions which fields nothing follows from: a misspelt name is among them."""

from collections.abc import Sequence
from urllib.parse import quote

from services.ingest.http.attribute_bodies import OpenBody

HEADER = "Hiroba-Ignored-Fields"
_MOST = 20


def ignored_fields(bodies: Sequence[OpenBody], name: str = "") -> dict[str, str]:
    """Return the header of an answer that names fields outside the data model; nothing where there are none.

    `name` is that of the list which has the bodies; without one there is one body.
    """
    found = [f"{name}.{at}.{each}" if name else each for at, body in enumerate(bodies) for each in body.ignored()]
    return {HEADER: ", ".join(quote(each) for each in found[:_MOST])} if found else {}
