"""Looks into the uploaded files of a data set, as its page and its editors' show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.catalog.domain.look import Look, LookKind
from services.catalog.domain.stored_file import StoredFile
from services.catalog.operations.catalogue import Catalogue
from services.catalog.portal.layers import Layer, table_layer
from services.catalog.portal.preview import PLACES
from services.catalog.store.file_looks import features_of, looks_of
from services.catalog.store.session import reading
from services.kernel.errors import NotFound

MOST_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class ShownLook:
    """A look into a file. `image` is where a picture is had, `layer` what goes onto a map; empty and None: nothing."""

    file: StoredFile
    look: Look
    layer: Layer | None
    image: str


async def shown_looks(catalogue: Catalogue, files: Sequence[StoredFile]) -> list[ShownLook]:
    """Return the looks into the first eight files that have one."""
    async with reading(catalogue.engine) as connection:
        found = await looks_of(connection, files)
    looks = ((file, found[file.file_id]) for file in files if file.file_id in found)
    return [_shown(catalogue, *each) for each in list(looks)[:MOST_SHOWN]]


def _shown(catalogue: Catalogue, file: StoredFile, look: Look) -> ShownLook:
    has_layer = look.has_places and not file.is_proposed
    layer = table_layer(f"{PLACES}/{file.file_id}.geojson") if has_layer else None
    address = catalogue.addresses.of_file(file).removeprefix(catalogue.addresses.catalog)
    return ShownLook(file, look, layer, address if look.kind is LookKind.IMAGE else "")


async def look_places(catalogue: Catalogue, file: StoredFile) -> dict[str, Any]:
    """Return what of a file goes onto a map, as GeoJSON (RFC 7946): at most 2,000 features. Raises NotFound."""
    async with reading(catalogue.engine) as connection:
        features = await features_of(connection, file)
    if not features:
        raise NotFound(f"File {file.file_id} has nothing for a map")
    return {"type": "FeatureCollection", "features": features}
