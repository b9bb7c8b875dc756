"""What differs between two descriptions of a data set."""

from pydantic import BaseModel, Field


class DifferenceView(BaseModel):
    """A member that two versions say differently."""

    member: str = Field(description="Name of the member; of a distribution with its identifier", examples=["licence"])
    before: object = Field(None, description="What the earlier version says")
    after: object = Field(None, description="What the later version says")
