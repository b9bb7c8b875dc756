"""What every provisioning request names: tenant and service path."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from services.ingest.domain.errors import MissingHeaders, WrongSyntax
from services.kernel.app import Caller
from services.kernel.tenancy import fold_name, name_in_headers

ANY_PATH = "/*"
_LONGEST_PATH = 500
_PATH = "Fiware-ServicePath"


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant and a service path; `path` none: every path of the tenant (`/*`)."""

    tenant: str
    path: str | None

    @property
    def exact_path(self) -> str:
        """The service path. Raises WrongSyntax where it is `/*`."""
        if self.path is None:
            raise WrongSyntax("Fiware-ServicePath must name one service path here, not /*", field=_PATH)
        return self.path


async def provisioned_place(
    request: Request,
    principal: Caller,
    service: Annotated[str | None, Header(alias="fiware-service", description="Tenant")] = None,
    path: Annotated[str | None, Header(alias="fiware-servicepath", description="Service path, or `/*`")] = None,
) -> Place:
    """Read the place that a provisioning request names; the caller must have `provision` there.

    Raises MissingHeaders, WrongSyntax, NotAllowed.
    """
    given = {"fiware-service": service, "fiware-servicepath": path}
    missing = [name for name, value in given.items() if not value or not value.strip()]
    if missing:
        raise MissingHeaders(missing)
    tenant = fold_name(name_in_headers(request.headers), "fiware-service")
    place = Place(tenant, _read_path((path or "").strip()))
    principal.require("provision", tenant, ["/#" if place.path is None else place.path])
    return place


def _read_path(text: str) -> str | None:
    if text == ANY_PATH:
        return None
    path = text.rstrip("/") or "/"
    if not path.startswith("/") or "," in path or "#" in path or "*" in path or len(path) > _LONGEST_PATH:
        raise WrongSyntax(f"Fiware-ServicePath must be one path as /parks/north, not '{text}'", field=_PATH)
    if not path.isprintable():
        raise WrongSyntax("Fiware-ServicePath must be printable", field=_PATH)
    return path


ProvisionedPlace = Annotated[Place, Depends(provisioned_place)]


async def written_place(
    request: Request,
    service: Annotated[str | None, Header(alias="Fiware-Service", description="Tenant; none: the default one")] = None,
    path: Annotated[str, Header(alias="Fiware-ServicePath", description="Becomes the entities' scope")] = "/",
) -> Place:
    """Read where entities are written to. Raises InvalidRequest."""
    return Place(name_in_headers(request.headers), _read_path(path.strip() or "/"))


WrittenPlace = Annotated[Place, Depends(written_place)]
