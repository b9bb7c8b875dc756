"""Working copies: what is to change in a published data set, while readers still see what was published."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from services.catalog.domain.dataset import CONTENT_FIELDS, Content, State
from services.catalog.domain.version import Difference, differences


@dataclass(frozen=True, slots=True)
class WorkingCopy:
    """`before` is what the data set said where the copy differs, `content` what it is to say; draft or in review."""

    before: Content
    content: Content
    changed_by: str
    changed_at: datetime
    state: State = State.DRAFT
    submitted_by: str = ""
    note: str = ""

    @property
    def fields(self) -> dict[str, object]:
        """The fields of the content that are to change."""
        wanted = {name: getattr(self.content, name) for name in CONTENT_FIELDS}
        return {name: value for name, value in wanted.items() if value != getattr(self.before, name)}

    @property
    def differences(self) -> list[Difference]:
        """What differs, distributions one by one."""
        return differences(self.before, self.content)

    def over(self, present: Content) -> Content:
        """Return what a data set would say that says this now."""
        return dataclasses.replace(present, **self.fields)  # type: ignore[arg-type]

    def collisions(self, present: Content) -> list[str]:
        """Return the fields that were changed otherwise in the published data set since the copy was made."""
        said = {name: getattr(present, name) for name in self.fields}
        return sorted(n for n, value in said.items() if value not in (getattr(self.before, n), self.fields[n]))
