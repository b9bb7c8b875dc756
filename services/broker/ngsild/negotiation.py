"""Media types: what a request sends and what it accepts (6.3.4, 6.3.5, 6.3.7, 6.3.15)."""

from functools import lru_cache
from typing import Final

from services.broker.http.request import Request
from services.broker.ngsild.errors import LengthRequired, NotAcceptable, UnsupportedMediaType

JSON: Final = "application/json"
LD_JSON: Final = "application/ld+json"
GEO_JSON: Final = "application/geo+json"
MERGE_PATCH: Final = "application/merge-patch+json"
_BODIES: Final = (JSON, LD_JSON)


def accepted(request: Request, *, geo: bool = False) -> str:
    """Return the media type of the answer: the best accepted; of equals JSON before JSON-LD before GeoJSON.

    `geo`: the operation can answer with GeoJSON. Raises NotAcceptable.
    """
    header = request.headers.get("accept")
    if header is None or header == "*/*":
        return JSON
    chosen = _choose(header, (JSON, LD_JSON, GEO_JSON) if geo else (JSON, LD_JSON))
    if chosen is None:
        raise NotAcceptable(f"Accept must name application/json or application/ld+json, not '{header}'", field="Accept")
    return chosen


def is_choosy(request: Request) -> bool:
    """Tell whether the request says which media types it accepts, and not just any."""
    return request.headers.get("accept", "*/*") != "*/*"


@lru_cache(maxsize=256)
def _choose(header: str, offered: tuple[str, ...]) -> str | None:
    ranges = [_read_range(part) for part in header.split(",")]
    best: tuple[float, str] | None = None
    for media_type in offered:
        fitting = [(specific, quality) for name, specific, quality in ranges if _covers(name, media_type)]
        if not fitting:
            continue
        quality = max(fitting)[1]
        if quality > 0 and (best is None or quality > best[0]):
            best = quality, media_type
    return best[1] if best else None


def _read_range(part: str) -> tuple[str, int, float]:
    name, *options = [piece.strip().lower() for piece in part.split(";")]
    quality = 1.0
    for option in options:
        key, _, value = option.partition("=")
        if key.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 1.0
    return name, 0 if name == "*/*" else 1 if name.endswith("/*") else 2, quality


def _covers(media_range: str, media_type: str) -> bool:
    return media_range in ("*/*", media_type) or (
        media_range.endswith("/*") and media_type.startswith(media_range[:-1])
    )


@lru_cache(maxsize=256)
def _media_type(header: str) -> str:
    return header.partition(";")[0].strip().lower()


def sent(request: Request) -> str:
    """Return the media type of the request's body. Raises UnsupportedMediaType, LengthRequired."""
    media_type = _media_type(request.headers.get("content-type", ""))
    allowed = (*_BODIES, MERGE_PATCH) if request.method == "PATCH" else _BODIES
    if "content-length" not in request.headers:
        raise LengthRequired("A request with a body must have Content-Length", field="Content-Length")
    if media_type not in allowed:
        raise UnsupportedMediaType(
            f"Content-Type must be application/json or application/ld+json, not '{media_type}'", field="Content-Type"
        )
    return media_type
