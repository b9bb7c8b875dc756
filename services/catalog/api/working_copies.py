"""The routes of working copies: what is to change in a published data set, beside what readers see."""

from fastapi import APIRouter

from services.catalog.api.datasets import Reference
from services.catalog.api.inputs import DatasetPatch
from services.catalog.api.requests import Responses, TheCatalogue, TheEditor
from services.catalog.api.views import DatasetView, dataset_view
from services.catalog.api.working_copy_views import WorkingCopyView, copy_view
from services.catalog.operations import working_copies as operation
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/datasets/{reference}/draft", tags=["Data sets"])
_REFUSALS: Responses = {status: RESPONSES[status] for status in (400, 401, 403, 404, 503)}


@router.get("", summary="Read the working copy of a data set", responses=_REFUSALS)
async def read_copy(catalogue: TheCatalogue, editor: TheEditor, reference: Reference) -> WorkingCopyView:
    """Show what is to change. Needs a grant to `write` or `publish` for its unit."""
    known, copy = await operation.find_copy(catalogue, editor, reference)
    return copy_view(known, copy, catalogue.addresses)


@router.patch("", summary="Change a published data set in a working copy", responses={**_REFUSALS, 409: RESPONSES[409]})
async def change_copy(
    catalogue: TheCatalogue, editor: TheEditor, reference: Reference, body: DatasetPatch
) -> WorkingCopyView | DatasetView:
    """Write to the working copy as to the data set itself; the first time makes it. Readers see the published one.

    `state`: `review` asks somebody to look at it, `draft` takes that back, `published` puts it in the place of what is
    published, as a new version, and ends it. Needs a grant to `write` for its unit, to be published one to `publish`;
    where two persons must be at it, by another than who sent it to review. 409: what it changes was changed otherwise
    in the published data set meanwhile; writing it again settles that.
    """
    known, copy = await operation.change_copy(catalogue, editor, reference, body.changes())
    if copy is None:
        return dataset_view(known, catalogue.addresses)
    return copy_view(known, copy, catalogue.addresses)


@router.delete("", status_code=204, summary="Throw away a working copy", responses=_REFUSALS)
async def discard_copy(catalogue: TheCatalogue, editor: TheEditor, reference: Reference) -> None:
    """Throw it away; the published data set stays. Needs a grant to `write` or `publish` for its unit."""
    await operation.discard_copy(catalogue, editor, reference)
