"""Deleting a file of a data set: a page that asks, and the form that it sends."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.catalog.domain.stored_file import StoredFile
from services.catalog.operations.files import forget_file
from services.catalog.portal.editor import guard
from services.catalog.portal.editor.edited import Edited, edited, files_of, is_direct, may_choose, waits
from services.catalog.portal.page import Page
from services.kernel.errors import NotFound

PAGE = "/editor/{name}/file/{file_id}/delete"


async def ask(request: Request) -> Response:
    """Ask whether the file is to be deleted, and tell what comes of it."""
    page = Page.of(request)
    about = await edited(page)
    return page.render(
        "editor/remove.html",
        dataset=about.dataset,
        file=await _file(page, about),
        may_choose=may_choose(page, about),
        will_wait=about.is_published and not is_direct(page, about),
    )


async def remove(request: Request) -> Response:
    """Delete the file: at once, or when the working copy is published."""
    page = Page.of(request)
    writer = await guard.editor(request, page.site)
    about = await edited(page)
    async with request.form(max_files=0) as form:
        in_copy = waits(about, form.get("step"))
    await forget_file(page.site.catalogue, writer, await _file(page, about), in_copy=in_copy)
    return RedirectResponse(f"/editor/{about.dataset.name}/check", 303)


async def _file(page: Page, about: Edited) -> StoredFile:
    wanted = str(page.request.path_params["file_id"])
    for each in await files_of(page, about):
        if str(each.identifier) == wanted:
            return each
    raise NotFound(f"Data set {about.dataset.name} has no file {wanted:.60}")
