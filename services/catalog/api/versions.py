"""The routes of a data set's published versions."""

import dataclasses
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from services.catalog.api.datasets import Reference, shown
from services.catalog.api.difference_view import DifferenceView
from services.catalog.api.requests import OPTIONAL_TOKEN, Reader, Responses, TheCatalogue
from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.version import Version, differences, document_of
from services.catalog.operations.catalogue import Catalogue
from services.catalog.store.find import tell
from services.catalog.store.session import reading
from services.catalog.store.versions import version_of, versions_of
from services.kernel.errors import NotFound
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/datasets/{reference}/versions", tags=["Data sets"])
_READ: Responses = {status: RESPONSES[status] for status in (400, 401, 404, 503)}
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="Number of the version, from 1")]


class VersionView(BaseModel):
    """A version of a data set: when it was published, by whom, why."""

    number: int = Field(description="Counts from 1", examples=[3])
    published_at: datetime = Field(description="When it was published")
    published_by: str | None = Field(
        description="Client or user that published it; told to oneself and to those who look after the data set",
        examples=["park-department"],
    )
    note: str | None = Field(None, description="What it is about", examples=["Two parks added"])


class VersionContent(VersionView):
    """A version with what it said."""

    content: dict[str, object] = Field(description="The data set's members as they were; those that were empty lack")


@router.get(
    "",
    summary="List the published versions of a data set",
    response_model=list[VersionView],
    responses=_READ,
    openapi_extra=OPTIONAL_TOKEN,
)
async def list_versions(
    catalogue: TheCatalogue,
    audience: Reader,
    reference: Reference,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most versions in the answer")] = 100,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="How many to leave out before")] = 0,
) -> list[VersionView]:
    """List the versions, the latest first. A version is kept whenever the data set is published or changed then."""
    dataset = await shown(catalogue, audience, reference)
    async with reading(catalogue.engine) as connection:
        found = await versions_of(connection, dataset, limit=limit, offset=offset)
    return [VersionView(**_about(each, dataset, audience)) for each in found]


@router.get(
    "/{number}",
    summary="Read a version of a data set",
    response_model=VersionContent,
    responses=_READ,
    openapi_extra=OPTIONAL_TOKEN,
)
async def read_version(
    catalogue: TheCatalogue, audience: Reader, reference: Reference, number: Number
) -> VersionContent:
    """Read what a data set said when it was published."""
    dataset = await shown(catalogue, audience, reference)
    found = await _version(catalogue, audience, dataset, number)
    return VersionContent(**_about(found, dataset, audience), content=document_of(found.content))


@router.get(
    "/{number}/changes",
    summary="Compare two versions of a data set",
    response_model=list[DifferenceView],
    responses=_READ,
    openapi_extra=OPTIONAL_TOKEN,
)
async def compare_versions(
    catalogue: TheCatalogue,
    audience: Reader,
    reference: Reference,
    number: Number,
    since: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="The other version; else the one before")
    ] = None,
) -> list[DifferenceView]:
    """Tell which members differ. The first version differs from nothing in all that it says."""
    dataset = await shown(catalogue, audience, reference)
    after = await _version(catalogue, audience, dataset, number)
    before = number - 1 if since is None else since
    if before == 0:
        return [DifferenceView(member=name, after=value) for name, value in document_of(after.content).items()]
    earlier = await _version(catalogue, audience, dataset, before)
    found = differences(earlier.content, after.content)
    return [DifferenceView(member=each.member, before=each.before, after=each.after) for each in found]


async def _version(catalogue: Catalogue, audience: Audience, dataset: Dataset, number: int) -> Version:
    async with reading(catalogue.engine) as connection:
        found = await version_of(connection, dataset, number)
        if found is None:
            raise NotFound(f"Version {number} of data set {dataset.name} does not exist")
        (then,) = await tell(connection, audience, [found.of(dataset)])
    return dataclasses.replace(found, content=then.content)


def _about(version: Version, dataset: Dataset, audience: Audience) -> dict[str, object]:
    return {
        "number": version.number,
        "published_at": version.published_at,
        "published_by": audience.told(version.published_by, dataset.publisher.name, dataset.unit),
        "note": version.note or None,
    }
