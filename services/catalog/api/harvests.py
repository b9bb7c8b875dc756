"""The routes of harvests: other catalogues whose data sets are shown here too."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field

from services.catalog.api.input_parts import Input
from services.catalog.api.requests import Responses, TheCatalogue, TheEditor
from services.catalog.api.values import UnitPath, Url
from services.catalog.domain.dataset import Access, State
from services.catalog.domain.editor import Editor
from services.catalog.domain.harvest import Protocol, Run, RunState, Source
from services.catalog.operations.catalogue import Catalogue
from services.catalog.operations.harvest import Harvester
from services.catalog.store.harvests import (
    remove_source,
    runs_of,
    source_named,
    sources_of,
    store_source,
    wish_for,
)
from services.catalog.store.session import reading, writing
from services.kernel.egress import check_url
from services.kernel.errors import NotFound
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/harvest/sources", tags=["Harvest"])
TAG = {"name": "Harvest", "description": "Other catalogues whose data sets are shown here too"}
_RESPONSES: Responses = {status: RESPONSES[status] for status in (400, 401, 403, 404, 503)}
SourceName = Annotated[
    str, Path(pattern=r"^[a-z0-9_-]{1,50}$", description="Name of the source", examples=["prefecture"])
]


class SourceInput(Input):
    """Another catalogue."""

    protocol: Protocol = Field(description="How it is read", examples=["ckan"])
    url: Url = Field(
        description="For `ckan` the site, for `dcat` a page of RDF, for `data.json` the file",
        examples=["https://data.example.jp"],
    )
    unit: UnitPath = Field("/", description="Service path of the department that looks after its data sets")
    every_s: Annotated[int, Field(ge=300, le=31_536_000)] | None = Field(
        None, description="Seconds from one reading to the next; none: only on request", examples=[86_400]
    )
    query: Annotated[str, Field(max_length=1000)] = Field("", description="For `ckan`: `fq` that narrows what is read")
    state: Literal["draft", "review", "published"] = Field("published", description="In which state new ones come")
    access: Access = Field(Access.PUBLIC, description="Who sees new ones")
    is_enabled: bool = Field(default=True, description="Whether it is read at all")


class SourceView(SourceInput):
    """A source with when it is read next."""

    name: str = Field(description="Its name")
    next_at: datetime | None = Field(None, description="When it is read next")


class RunView(BaseModel):
    """One reading of a source."""

    id: int = Field(description="Its number")
    state: RunState = Field(description="How far it has come")
    started_at: datetime = Field(description="When it began")
    finished_at: datetime | None = Field(None, description="When it ended")
    note: str | None = Field(None, description="Why it failed")
    counts: dict[str, int] = Field(
        description="Records that were `seen`, and what became of them; data sets that were `withdrawn`"
    )
    errors: list[dict[str, str]] = Field(description="The first hundred records that were refused, and why")


@router.get("", summary="List the sources of a tenant", response_model=list[SourceView], responses=_RESPONSES)
async def list_sources(catalogue: TheCatalogue, editor: TheEditor) -> list[SourceView]:
    """List the sources whose units the caller may publish for."""
    editor.principal.require_some("publish", editor.tenant or "", ())
    async with reading(catalogue.engine) as connection:
        found = await sources_of(connection, editor.tenant or "")
    return [_view(each) for each in found if editor.may(each.tenant, each.unit)]


@router.put("/{name}", summary="Add a source, or change it", response_model=SourceView, responses=_RESPONSES)
async def put_source(
    request: Request, catalogue: TheCatalogue, editor: TheEditor, name: SourceName, body: SourceInput
) -> SourceView:
    """Add another catalogue. It is read at once, then as often as it says. Needs a grant to `publish` for its unit."""
    harvester: Harvester = request.app.state.harvester
    tenant_name = editor.tenant or ""
    editor.require(tenant_name, body.unit)
    check_url(body.url, harvester.policy)
    tenant = await catalogue.tenants.find_or_create(tenant_name)
    async with writing(catalogue.engine) as connection:
        known = await source_named(connection, tenant_name, name)
        if known is not None:
            editor.require(tenant_name, known.unit)
        source = Source(
            0,
            tenant_name,
            name,
            body.protocol,
            body.url,
            body.unit,
            body.every_s,
            body.query,
            State(body.state),
            body.access,
            body.is_enabled,
            catalogue.clock(),
        )
        await store_source(connection, tenant.tenant_id, source, editor.principal.subject)
    harvester.wake.set()
    return _view(source)


@router.delete("/{name}", status_code=204, summary="Forget a source", responses=_RESPONSES)
async def delete_source(catalogue: TheCatalogue, editor: TheEditor, name: SourceName) -> None:
    """Forget a source with its runs. Its data sets stay; withdraw or delete them by themselves."""
    source = await _named(catalogue, editor, name)
    async with writing(catalogue.engine) as connection:
        await remove_source(connection, source)


@router.post("/{name}/runs", status_code=202, summary="Read a source now", responses=_RESPONSES)
async def post_run(request: Request, catalogue: TheCatalogue, editor: TheEditor, name: SourceName) -> None:
    """Have a source read as soon as a replica is free; its runs tell how that goes."""
    source = await _named(catalogue, editor, name)
    async with writing(catalogue.engine) as connection:
        await wish_for(connection, source, catalogue.clock())
    harvester: Harvester = request.app.state.harvester
    harvester.wake.set()


@router.get("/{name}/runs", summary="List the runs of a source", response_model=list[RunView], responses=_RESPONSES)
async def list_runs(
    catalogue: TheCatalogue,
    editor: TheEditor,
    name: SourceName,
    limit: Annotated[int, Query(ge=1, le=100, description="Most runs in the answer")] = 10,
) -> list[RunView]:
    """List how the readings of a source went, the latest first."""
    source = await _named(catalogue, editor, name)
    async with reading(catalogue.engine) as connection:
        return [_run_view(each) for each in await runs_of(connection, source, limit)]


async def _named(catalogue: Catalogue, editor: Editor, name: str) -> Source:
    async with reading(catalogue.engine) as connection:
        found = await source_named(connection, editor.tenant or "", name)
    if found is None:
        editor.principal.require_some("publish", editor.tenant or "", ())
        raise NotFound(f"Source {name} does not exist")
    editor.require(found.tenant, found.unit)
    return found


def _view(source: Source) -> SourceView:
    shared = {each: getattr(source, each) for each in SourceInput.model_fields}
    return SourceView(name=source.name, next_at=source.next_at, **shared)


def _run_view(run: Run) -> RunView:
    return RunView(
        id=run.run_id,
        state=run.state,
        started_at=run.started_at,
        finished_at=run.finished_at,
        note=run.note or None,
        counts=dict(run.counts),
        errors=[dict(each) for each in run.errors],
    )
