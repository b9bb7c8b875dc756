"""Words for what the models of entities name."""

from services.catalog.domain.column_label import LABELS
from services.catalog.domain.value_label import value_label
from services.catalog.vocabularies.models import listed_values, models


def test_every_attribute_of_a_model_has_a_label_and_every_listed_word_has_words() -> None:
    for name, model in models().items():
        assert {each for each in model["properties"] if each not in LABELS} == set(), name
        words = {value for values in listed_values(name).values() for value in values if not value.isdigit()}
        assert {value for value in words if value_label(value, "ja") == value} == set(), name
