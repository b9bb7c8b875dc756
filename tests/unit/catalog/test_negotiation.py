"""Which form of RDF a client gets."""

import pytest

from services.catalog.dcat.serialise import JSON_LD, TURTLE, RdfFormat, negotiate


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", JSON_LD),
        ("*/*", JSON_LD),
        ("text/turtle", TURTLE),
        ("text/html, text/turtle;q=0.5", TURTLE),
        ("text/turtle;q=0.5, application/ld+json", JSON_LD),
        ("application/ld+json;q=0.1, text/turtle;q=0.2", TURTLE),
        ("text/turtle;q=0, application/json", JSON_LD),
        ("text/html", None),
        ("text/turtle;q=nonsense", None),
    ],
)
def test_the_preferred_form_is_chosen(accept: str, form: RdfFormat | None) -> None:
    assert negotiate(accept) == form
