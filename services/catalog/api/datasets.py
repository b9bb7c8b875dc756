"""The routes of data sets."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.catalog.api.inputs import DatasetInput, DatasetPatch
from services.catalog.api.requests import OPTIONAL_TOKEN, Reader, Responses, TheCatalogue, TheEditor
from services.catalog.api.views import DatasetView, dataset_view
from services.catalog.api.working_copy_views import WorkingCopyView, copy_view
from services.catalog.domain.audience import Audience
from services.catalog.domain.dataset import Dataset
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.edit import create_dataset, remove_dataset
from services.catalog.operations.working_copies import change_or_propose
from services.catalog.store.find import find_one
from services.catalog.store.session import reading
from services.kernel.errors import NotFound
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/datasets", tags=["Data sets"])
_READ: Responses = {status: RESPONSES[status] for status in (400, 401, 503)}
_WRITE: Responses = {status: RESPONSES[status] for status in (400, 401, 403, 404, 409, 413, 503)}
_LARGEST = 2**53
Reference = Annotated[str, Path(description="Identifier or name", max_length=200)]


@router.get(
    "/{reference}",
    summary="Read a data set",
    response_model=DatasetView,
    responses={**_READ, 404: RESPONSES[404]},
    openapi_extra=OPTIONAL_TOKEN,
    description="By its identifier or its name. Public ones need no token. Who may publish for its unit sees it in any"
    " state.",
)
async def read_dataset(catalogue: TheCatalogue, audience: Reader, reference: Reference) -> DatasetView:
    """Read a data set."""
    found = await shown(catalogue, audience, reference)
    return dataset_view(found, catalogue.addresses)


async def shown(catalogue: Catalogue, audience: Audience, reference: str) -> Dataset:
    """Return a data set as its editors and readers see it. Raises NotFound."""
    async with reading(catalogue.engine) as connection:
        found = await find_one(connection, audience.with_hidden(), reference)
    if found is None:
        raise NotFound(f"Data set {reference} does not exist")
    return found


@router.post(
    "",
    status_code=201,
    summary="Publish a data set",
    response_model=DatasetView,
    responses=_WRITE,
    description="Needs a grant to `publish` for its `unit`: without one for the whole tenant, name the department's"
    " service path. Without a name it gets one from its landing page. It is published at once unless `state` says"
    " otherwise.",
)
async def post_dataset(
    catalogue: TheCatalogue, editor: TheEditor, body: DatasetInput, response: Response
) -> DatasetView:
    """Publish a data set, or begin a draft."""
    created = await create_dataset(catalogue, editor, body.draft())
    response.headers["Location"] = f"/datasets/{created.dataset_id}"
    return dataset_view(created, catalogue.addresses)


@router.patch(
    "/{reference}",
    summary="Change a data set",
    response_model=DatasetView | WorkingCopyView,
    responses={**_WRITE, 202: {"model": WorkingCopyView, "description": "It waits in a working copy"}},
    description="A JSON merge patch (RFC 7396): members that are left out stay, null empties. What is changed by hand"
    " is left alone by later imports and by the broker. A change of a published data set is a new version. Needs a"
    " grant to `publish` for its unit; with one to `write` alone, or where somebody else must publish, changes of a"
    " published data set wait in a working copy.",
)
async def patch_dataset(
    catalogue: TheCatalogue, editor: TheEditor, reference: Reference, body: DatasetPatch, response: Response
) -> DatasetView | WorkingCopyView:
    """Change a data set."""
    changed, copy = await change_or_propose(catalogue, editor, reference, body.changes())
    if copy is None:
        return dataset_view(changed, catalogue.addresses)
    response.status_code = 202
    response.headers["Location"] = f"/datasets/{changed.dataset_id}/draft"
    return copy_view(changed, copy, catalogue.addresses)


@router.delete(
    "/{reference}",
    status_code=204,
    summary="Delete a data set",
    responses=_WRITE,
    description="For good; to hide it, change its `state`. A live data set can only be hidden. Needs a grant to"
    " `publish` for its unit.",
)
async def delete_dataset(catalogue: TheCatalogue, editor: TheEditor, reference: Reference) -> None:
    """Delete a data set."""
    await remove_dataset(catalogue, editor, reference)
