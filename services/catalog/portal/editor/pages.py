"""The steps from a file to a published data set; each a page, each form followed by a redirect."""

import dataclasses

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.catalog.domain.data_class import LABELS, DataClass
from services.catalog.domain.dataset import Content, State
from services.catalog.domain.editor import Editor
from services.catalog.domain.frequency import FREQUENCIES
from services.catalog.domain.licence import LICENCES
from services.catalog.domain.query import AnyOf, Field, Is, Slice, Sort, SortKey
from services.catalog.domain.theme import THEMES
from services.catalog.operations.callers import audience_for
from services.catalog.operations.edit import Changes, Draft, change_dataset, create_dataset
from services.catalog.operations.search import search
from services.catalog.operations.uploads import LONGEST_NAME, Upload, keep_upload
from services.catalog.operations.working_copies import change_copy, change_or_propose, discard_copy, list_copies
from services.catalog.portal.editor import guard
from services.catalog.portal.editor.edited import Edited, edited, files_of, is_direct, may_choose, waits
from services.catalog.portal.editor.form import Description
from services.catalog.portal.editor.members import changed_members
from services.catalog.portal.looks import shown_looks
from services.catalog.portal.page import Page
from services.catalog.portal.preview import preview_file
from services.catalog.store.hits import Asked
from services.kernel.errors import Conflict, InvalidRequest
from services.kernel.tenancy import fold_name

MOST_SHOWN = 50
_NEWEST = (Sort(SortKey.MODIFIED, is_descending=True),)
_UNFINISHED = AnyOf(tuple(Is(Field.STATE, state) for state in (State.DRAFT, State.REVIEW, State.PRIVATE)))
_WITHDRAWN = Is(Field.STATE, State.WITHDRAWN)
_MOST_WITHDRAWN = 10
_MOST_FIELDS = 100
_LICENCES = ("CC-BY-4.0", "PDL-1.0", "CC0-1.0", "CC-BY-SA-4.0")


async def start(request: Request) -> Response:
    """Show what is unfinished, and the form that begins with a file."""
    page = Page.of(request)
    return await _start(page)


async def _start(page: Page, fault: str = "", code: int = 200) -> Response:
    principal = await guard.signed_in(page.request, page.site)
    seen = (await audience_for(page.site.catalogue, principal)).with_hidden()
    drafts = await search(page.site.catalogue, Asked(seen, _UNFINISHED), Slice(MOST_SHOWN, 0, _NEWEST))
    withdrawn = await search(page.site.catalogue, Asked(seen, _WITHDRAWN), Slice(_MOST_WITHDRAWN, 0, _NEWEST))
    copies = await list_copies(page.site.catalogue, Editor(principal))
    mine = await guard.tenants(page.site, principal)
    values = {"drafts": [*drafts.datasets], "copies": copies, "withdrawn": withdrawn.datasets, "tenants": mine}
    return page.render("editor/start.html", code, **values, fault=fault, now=page.now)


async def upload(request: Request) -> Response:
    """Take a file: a draft is made of it."""
    page = Page.of(request)
    guard.refuse_other_sites(request)
    principal = await guard.signed_in(request, page.site)
    async with request.form(max_files=1, max_fields=_MOST_FIELDS) as form:
        file = form.get("file")
        tenant = fold_name(str(form.get("tenant", "")), "tenant")
        if not isinstance(file, UploadFile) or not file.filename or not tenant:
            fault = page.language("団体とファイルを選んでください。", "Choose a publisher and a file.")
            return await _start(page, fault, 400)
        writer = Editor(principal, tenant)
        title = file.filename.rpartition(".")[0][:LONGEST_NAME] or file.filename[:LONGEST_NAME]
        content = Content({"ja": title}, {}, licence="CC-BY-4.0")
        draft = await create_dataset(page.site.catalogue, writer, Draft(content, state=State.DRAFT))
        await _keep(page, writer, draft.name, file)
    return RedirectResponse(f"/editor/{draft.name}/check", 303)


async def replace_file(request: Request) -> Response:
    """Take another file for a data set."""
    page = Page.of(request)
    writer = await guard.editor(request, page.site)
    about = await edited(page)
    async with request.form(max_files=1, max_fields=_MOST_FIELDS) as form:
        file = form.get("file")
        if isinstance(file, UploadFile) and file.filename:
            await _keep(page, writer, about.dataset.name, file, waits=waits(about, form.get("step")))
    return RedirectResponse(f"/editor/{about.dataset.name}/check", 303)


async def _keep(page: Page, writer: Editor, name: str, file: UploadFile, *, waits: bool = False) -> None:
    limit_bytes = page.site.file_limit_bytes
    sent = Upload.of_form(file.filename or "", file.content_type, file.read, limit_bytes)
    await keep_upload(page.site.catalogue, writer, name, dataclasses.replace(sent, waits=waits))


async def check(request: Request) -> Response:
    """Show what was found in the file."""
    page = Page.of(request)
    about = await edited(page)
    files = await files_of(page, about)
    shown = [(file, await preview_file(page.site.catalogue, file)) for file in files]
    looks = {each.file.file_id: each for each in await shown_looks(page.site.catalogue, files)}
    choice = may_choose(page, about)
    return page.render("editor/check.html", dataset=about.dataset, files=shown, looks=looks, may_choose=choice)


async def describe(request: Request) -> Response:
    """Show the form that describes the data set."""
    page = Page.of(request)
    about = await edited(page)
    return _form(page, about, Description.of_dataset(about.dataset))


async def save(request: Request) -> Response:
    """Take the description; what is wrong is shown at its place."""
    page = Page.of(request)
    writer = await guard.editor(request, page.site)
    about = await edited(page)
    form = await _read(request)
    given = Description.of_form(form)
    if given.faults:
        return _form(page, about, given, 400)
    name, changes = about.dataset.name, Changes(given.content(about.dataset.content))
    if waits(about, form.get("step")):
        await change_copy(page.site.catalogue, writer, name, changes)
    else:
        await change_or_propose(page.site.catalogue, writer, name, changes)
    return RedirectResponse(f"/editor/{name}/review", 303)


def _form(page: Page, about: Edited, given: Description, code: int = 200) -> Response:
    return page.render(
        "editor/describe.html",
        code,
        dataset=about.dataset,
        is_direct=is_direct(page, about),
        is_published=about.is_published,
        form=given,
        licences=dict.fromkeys((*_LICENCES, about.dataset.content.licence)),
        themes=THEMES.values(),
        frequencies=FREQUENCIES,
        classes=[(each, LABELS[each]) for each in DataClass],
    )


async def review(request: Request) -> Response:
    """Show what will be published, and the ways on."""
    page = Page.of(request)
    return await _review(page, await edited(page))


async def _review(page: Page, about: Edited, fault: str = "", code: int = 200) -> Response:
    found = about.dataset
    files = await files_of(page, about)
    is_ready = not Description.of_dataset(found).check()
    return page.render(
        "editor/review.html",
        code,
        dataset=found,
        copy=about.copy,
        changed=changed_members(about.copy.differences, page.language) if about.copy else [],
        may_publish=about.may_publish,
        files=files,
        is_ready=is_ready,
        fault=fault,
        licence=LICENCES[found.content.licence],
        wants_second=page.site.catalogue.wants_second,
    )


async def publish(request: Request) -> Response:
    """Publish the data set or its working copy, send it to review, throw the copy away, or withdraw the data set."""
    page = Page.of(request)
    writer = await guard.editor(request, page.site)
    about = await edited(page)
    found, form = about.dataset, await _read(request)
    if about.copy is not None and form.get("step") == "discard":
        await discard_copy(page.site.catalogue, writer, found.name)
        return RedirectResponse(f"/editor/{found.name}/review", 303)
    note = str(form.get("note", ""))[:LONGEST_NAME].replace("\x00", "")
    if about.is_published and form.get("step") == "withdraw":
        await change_dataset(page.site.catalogue, writer, found.name, Changes(state=State.WITHDRAWN, note=note))
        return RedirectResponse(f"/editor/{found.name}/review", 303)
    wanted = {"publish": State.PUBLISHED, "review": State.REVIEW}.get(str(form.get("step", "")))
    if wanted is None:
        raise InvalidRequest("step must be publish or review", field="step")
    if Description.of_dataset(found).check():
        return RedirectResponse(f"/editor/{found.name}/describe", 303)
    change = change_dataset if about.copy is None else change_copy
    try:
        await change(page.site.catalogue, writer, found.name, Changes(state=wanted, note=note))
    except Conflict as refused:
        return await _review(page, about, refused.detail, 409)
    return RedirectResponse(f"/editor/{found.name}/done", 303)


async def done(request: Request) -> Response:
    """Say what has come of it."""
    page = Page.of(request)
    about = await edited(page)
    return page.render("editor/done.html", dataset=about.dataset, is_public=about.is_published and about.copy is None)


async def _read(request: Request) -> FormData:
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        return form
