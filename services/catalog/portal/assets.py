"""The portal's files: our own, and MapLibre GL from the installed package `maplibre`."""

import hashlib
import importlib.util
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

PREFIX = "/assets"
_OWN = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_FROM_MAPLIBRE = ("maplibre-gl.js", "maplibre-gl.css")
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


@cache
def files() -> dict[str, Path]:
    """Return the files by name."""
    found = {file.name: file for file in sorted(_OWN.iterdir()) if file.suffix in _TYPES}
    spec = importlib.util.find_spec("maplibre")
    if spec is not None and spec.submodule_search_locations:
        package = Path(spec.submodule_search_locations[0]) / "srcjs"
        found |= {name: package / name for name in _FROM_MAPLIBRE}
    return found


@cache
def address(name: str) -> str:
    """Return the address of a file, with a digest of what it holds, so that browsers may keep it."""
    digest = hashlib.sha256(files()[name].read_bytes()).hexdigest()[:12]
    return f"{PREFIX}/{name}?v={digest}"


async def serve(request: Request) -> Response:
    """Answer with a file."""
    file = files().get(request.path_params["name"])
    if file is None:
        return Response("There is no such file", 404, media_type="text/plain")
    return FileResponse(file, media_type=_TYPES[file.suffix], headers=_FOREVER)
