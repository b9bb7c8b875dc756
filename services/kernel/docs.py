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
<header>
<form id="caller" aria-label="Sent with every call" data-ja-label="すべての呼び出しに付けるもの">
<label><b data-ja="団体（テナント）">Tenant</b> <span>(Fiware-Service)</span>
<input id="tenant" name="tenant" autocomplete="off" spellcheck="false" placeholder="default tenant"
 data-ja-placeholder="既定のテナント"></label>
<label><b data-ja="サービスパス（部署）">Service path</b> <span>(Fiware-ServicePath)</span>
<input id="path" name="path" autocomplete="off" spellcheck="false" placeholder="not sent"
 data-ja-placeholder="送らない"></label>
<label><b data-ja="トークン">Token</b> <span>(Authorization)</span>
<input id="token" name="token" type="password" autocomplete="off" placeholder="none" data-ja-placeholder="なし"></label>
<a id="tongue" href="?lang=ja" lang="ja" hreflang="ja">日本語</a>
</form>
</header>
<main id="console"><noscript><p>The console needs JavaScript. The interface itself is described in
<a href="openapi.json">openapi.json</a>.</p>
<p lang="ja">コンソールにはJavaScriptが必要です。APIの仕様は<a href="openapi.json">openapi.json</a>にあります。</p>
</noscript></main>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/assets/words.js"></script>
<script src="docs/assets/console.js"></script>
</body>
</html>
"""


@cache
def assets() -> dict[str, Path]:
    """Return the page's files by name: Swagger UI's from `fastapi-offline`, the console's own from here."""
    own = Path(__file__).parent / "console"
    found = {name: own / name for name in ("console.js", "words.js", "console.css")}
    spec = importlib.util.find_spec("fastapi_offline")
    if spec is not None and spec.submodule_search_locations:
        package = Path(spec.submodule_search_locations[0]) / "static"
        found |= {name: package / name for name in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")}
    return found


def install(app: FastAPI) -> None:
    """Serve the documentation page at `/docs`: the interface, and a console that tries it with tenant and token.

    Japanese or English, as `lang` or the browser asks; what the interface's document says stays English.
    """

    @app.get("/docs", include_in_schema=False)
    async def page() -> Response:
        return HTMLResponse(_PAGE.format(title=app.title), headers={"Content-Security-Policy": _POLICY})

    @app.get("/docs/assets/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        file = assets().get(name)
        if file is None:
            return Response("There is no such file", 404, media_type="text/plain")
        return FileResponse(file, media_type=_TYPES[file.suffix], headers=_CACHE)
