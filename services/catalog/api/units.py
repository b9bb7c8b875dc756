"""The routes of units: the departments that look after data sets."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.catalog.api.input_parts import Input
from services.catalog.api.requests import OPTIONAL_TOKEN, Responses, TheCatalogue, TheEditor, WrittenTenant
from services.catalog.api.values import Email, Titles
from services.catalog.domain.unit import Unit, read_path
from services.catalog.store.publishers import tenant_id_of
from services.catalog.store.session import reading, writing
from services.catalog.store.units import remove_unit, store_unit, units_of
from services.kernel.errors import NotFound
from services.kernel.problems import RESPONSES

router = APIRouter(prefix="/units", tags=["Data sets"])
_WRITE: Responses = {status: RESPONSES[status] for status in (400, 401, 403, 404, 503)}
UnitName = Annotated[str, Path(description="Service path of the department", max_length=600, examples=["parks/trees"])]


class UnitInput(Input):
    """A department."""

    titles: Titles = Field(description="What it is called, by language", examples=[{"ja": "公園緑地課"}])
    email: Email | None = Field(None, description="Its address for mail")


class UnitView(BaseModel):
    """A department that looks after data sets."""

    path: str = Field(description="Its service path", examples=["/parks"])
    titles: dict[str, str] = Field(description="What it is called, by language", examples=[{"ja": "公園緑地課"}])
    email: str | None = Field(None, description="Its address for mail")


@router.get("", summary="List the units of a tenant", response_model=list[UnitView], openapi_extra=OPTIONAL_TOKEN)
async def list_units(catalogue: TheCatalogue, tenant: WrittenTenant) -> list[UnitView]:
    """List the departments that have a name. A grant to `publish` under a unit's path lets its holder publish."""
    async with reading(catalogue.engine) as connection:
        return [_view(each) for each in await units_of(connection, tenant)]


@router.put("/{path:path}", summary="Name a unit", response_model=UnitView, responses=_WRITE)
async def put_unit(catalogue: TheCatalogue, editor: TheEditor, path: UnitName, body: UnitInput) -> UnitView:
    """Name a department, or name it anew. Needs a grant to `publish` for it."""
    unit = Unit(read_path(f"/{path}"), body.titles, body.email or "")
    editor.require(editor.tenant or "", unit.path)
    tenant = await catalogue.tenants.find_or_create(editor.tenant or "")
    async with writing(catalogue.engine) as connection:
        await store_unit(connection, tenant.tenant_id, unit)
    return _view(unit)


@router.delete("/{path:path}", status_code=204, summary="Forget a unit's name", responses=_WRITE)
async def delete_unit(catalogue: TheCatalogue, editor: TheEditor, path: UnitName) -> None:
    """Forget a department's name; its data sets stay. Needs a grant to `publish` for it."""
    unit = read_path(f"/{path}")
    editor.require(editor.tenant or "", unit)
    async with writing(catalogue.engine) as connection:
        tenant_id = await tenant_id_of(connection, editor.tenant or "")
        if tenant_id is None or not await remove_unit(connection, tenant_id, unit):
            raise NotFound(f"Unit {unit} does not exist")


def _view(unit: Unit) -> UnitView:
    return UnitView(path=unit.path, titles=dict(unit.titles), email=unit.email or None)
