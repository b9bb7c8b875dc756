"""What is noted of versions, in the reader's language."""

from services.catalog.portal.language import Language
from services.catalog.portal.version_words import version_note


def test_the_catalogues_own_notes_are_in_the_readers_language_and_others_as_they_were_written() -> None:
    assert version_note("Imported from open_data_list", Language("ja")) == "一覧から取り込み"
    assert version_note("Harvested in run 3", Language("en")) == "Harvested from another catalogue"
    assert version_note("誤りを直した", Language("en")) == "誤りを直した"
