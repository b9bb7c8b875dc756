"""The API documentation page of a service: Swagger UI from an installed package, so that it works without internet."""

import importlib.util
from functools import cache
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse, HTMLResponse, Response

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"
)
_CACHE = {"Cache-Control": "public, max-age=86400"}
_TYPES = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="docs/assets/favicon.png">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
<link rel="stylesheet" href="docs/assets/console.css">
</head>
<body>
<form id="caller" aria-label="Sent with every call">
<label>Tenant <span>(Fiware-Service)</span>
<input id="tenant" name="tenant" autocomplete="off" spellcheck="false" placeholder="default tenant"></label>
<label>Service path <span>(Fiware-ServicePath)</span>
<input id="path" name="path" autocomplete="off" spellcheck="false" placeholder="not sent"></label>
<label>Token <span>(Authorization)</span>
<input id="token" name="token" type="password" autocomplete="off" placeholder="none"></label>
</form>
<div id="console"><noscript>The console needs JavaScript. The interface itself is described in
<a href="openapi.json">openapi.json</a>.</noscript></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/assets/console.js"></script>
</body>
</html>
"""


@cache
def assets() -> dict[str, Path]:
    """Return the page's files by name: Swagger UI's from `fastapi-offline`, the console's own from here."""
    own = Path(__file__).parent / "console"
    found = {name: own / name for name in ("console.js", "console.css")}
    spec = importlib.util.find_spec("fastapi_offline")
    if spec is not None and spec.submodule_search_locations:
        package = Path(spec.submodule_search_locations[0]) / "static"
        found |= {name: package / name for name in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")}
    return found


def install(app: FastAPI) -> None:
    """Serve the documentation page at `/docs`: the interface, and a console that tries it with tenant and token."""

    @app.get("/docs", include_in_schema=False)
    async def page() -> Response:
        return HTMLResponse(_PAGE.format(title=app.title), headers={"Content-Security-Policy": _POLICY})

    @app.get("/docs/assets/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        file = assets().get(name)
        if file is None:
            return Response("There is no such file", 404, media_type="text/plain")
        return FileResponse(file, media_type=_TYPES[file.suffix], headers=_CACHE)
