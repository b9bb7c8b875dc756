"""Words for entity types."""

from services.catalog.domain.entity_type import ENTITY_TYPES
from services.catalog.domain.theme import THEMES
from services.catalog.vocabularies.models import models


def test_types_have_themes_that_there_are() -> None:
    assert {code for each in ENTITY_TYPES.values() for code in each.themes} <= THEMES.keys()
    assert [name for name, each in ENTITY_TYPES.items() if not each.themes] == ["Event"], "events are about anything"


def test_every_type_that_has_a_model_has_a_title() -> None:
    assert models().keys() - ENTITY_TYPES.keys() == set()
