"""The parameters of the actions about people, and about what happened."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from services.catalog.ckan.parameters import MOST_ROWS, Number, Parameters, Texts, ThingReference
from services.kernel.clock import finite


def _in_utc(moment: datetime) -> datetime:
    """Take a moment without a zone as CKAN writes it."""
    return finite(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


Moment = Annotated[datetime, AfterValidator(_in_utc)]


class UserReference(Parameters):
    """A person."""

    id: str | None = Field(None, max_length=100, description="Identifier of the person; none: the caller")


class UserList(Parameters):
    """Which people."""

    q: str = Field("", max_length=200, description="Part of a login or name")
    all_fields: bool = Field(True, description="Whole objects in place of names")
    limit: int = Field(100, ge=1, le=MOST_ROWS, description="Most people in the answer")
    offset: Number = Field(0, description="People to leave out before")


class Members(ThingReference):
    """What belongs to an organization or group."""

    object_type: str = Field("package", max_length=50, description="`package`; of `user` auth tells")
    limit: int = Field(MOST_ROWS, ge=1, le=MOST_ROWS, description="Most members in the answer")
    offset: Number = Field(0, description="Members to leave out before")


class RecentActivities(Parameters):
    """Which activities."""

    limit: int = Field(31, ge=1, le=100, description="Most activities in the answer")
    offset: Number = Field(0, description="Activities to leave out before")
    after: Moment | None = Field(None, description="Only those after an instant, in seconds since 1970 or ISO 8601")
    before: Moment | None = Field(None, description="Only those before an instant")
    activity_types: Texts = Field([], description="Only of these types: `new package`, `changed package`")
    exclude_activity_types: Texts = Field([], description="None of these types")
    include_data: bool = Field(False, description="With the whole package as it was then")


class ActivityList(RecentActivities, ThingReference):
    """Which activities of one thing."""


class ActivityReference(ThingReference):
    """An activity."""

    include_data: bool = Field(True, description="With the whole package as it was then")
