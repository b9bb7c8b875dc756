"""Local governments in JSON."""

from pydantic import BaseModel, ConfigDict, Field

from services.auth.domain.local_government import Kind


class LocalGovernmentJson(BaseModel):
    """A prefecture, a municipality or a ward of a designated city (code4fukui/localgovjp, CC0)."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(description="全国地方公共団体コード", examples=["372013"])
    kind: Kind
    title: str = Field(description="Name", examples=["高松市"])
    kana: str = Field(description="Its reading", examples=["たかまつし"])
    title_en: str | None = Field(description="Name in English, of prefectures only")
    prefecture: str = Field(description="The prefecture's name", examples=["香川県"])
    prefecture_code: str = Field(description="The prefecture's code", examples=["370002"])
    latitude: float = Field(description="Of its office, degrees", examples=[34.34277778])
    longitude: float = Field(description="Of its office, degrees", examples=[134.0466667])


class LocalGovernmentList(BaseModel):
    """One page of local governments, by code."""

    total: int = Field(description="How many there are on all pages", examples=[1])
    municipalities: list[LocalGovernmentJson]
