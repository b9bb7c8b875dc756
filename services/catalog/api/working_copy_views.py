"""Working copies as the routes show them."""

import dataclasses
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.catalog.api.difference_view import DifferenceView
from services.catalog.api.views import DatasetView, dataset_view
from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.working_copy import WorkingCopy


class WorkingCopyView(BaseModel):
    """What is to change in a published data set."""

    copy_state: Literal["draft", "review"] = Field(description="Whether it is being written or waits for a review")
    changed_by: str = Field(description="Who wrote to it last")
    changed_at: datetime = Field(description="When")
    submitted_by: str | None = Field(None, description="Who sent it to review")
    note: str | None = Field(None, description="What it is about")
    changes: list[DifferenceView] = Field(description="What is to change")
    collisions: list[str] = Field(description="Members that were changed otherwise meanwhile: write them again")
    dataset: DatasetView = Field(description="The data set as it would be")


def copy_view(known: Dataset, copy: WorkingCopy, addresses: Addresses) -> WorkingCopyView:
    """Show the working copy of a data set."""
    wanted = dataclasses.replace(known, content=copy.over(known.content))
    return WorkingCopyView(
        copy_state="review" if copy.state == "review" else "draft",
        changed_by=copy.changed_by,
        changed_at=copy.changed_at,
        submitted_by=copy.submitted_by or None,
        note=copy.note or None,
        changes=[DifferenceView.model_validate(dataclasses.asdict(each)) for each in copy.differences],
        collisions=copy.collisions(known.content),
        dataset=dataset_view(wanted, addresses),
    )
