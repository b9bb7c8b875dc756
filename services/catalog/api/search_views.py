"""What clients get to see of searches."""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from services.catalog.api.views import DatasetPage


class SearchPage(DatasetPage):
    """A part of the data sets that were asked for, with counts by field."""

    facets: Mapping[str, Mapping[str, int]] = Field(
        {}, description="How many there are in all with each value of the fields asked for, the most frequent first"
    )
    relaxed: bool = Field(False, description="Nothing has all words, so particles and words as 一覧 were left out")
    did_you_mean: list[str] = Field([], description="What may have been meant, where nothing is found")


class Suggestions(BaseModel):
    """What may be being typed."""

    suggestions: list[str] = Field(description="The likeliest first", examples=[["避難所", "避難場所"]])
