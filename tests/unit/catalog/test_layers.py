"""Layers of maps: their symbols, and no more of them than a browser can hold."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.catalog.downloads.first_features import first_features
from services.catalog.portal import layers
from services.catalog.portal.layers import SYMBOLS, symbols_of

TYPES = ["AED", "EvacuationSite", "OffStreetParking", "Park", "PublicWiFi", "WaterLevelObserved"]
TOKENS = Path(layers.__file__).parent / "static/tokens.css"


def test_layers_differ_in_shape_and_colour_and_keep_theirs_where_another_is_taken_off() -> None:
    given = symbols_of(TYPES)
    assert len({each.path for each in given}) == len({each.colour for each in given}) == len(SYMBOLS)
    assert symbols_of(["AED", "AED"])[0] == symbols_of(["AED"])[0]
    assert all(symbols_of([name]) == symbols_of([name, other])[:1] for name in TYPES for other in TYPES)


def test_symbols_have_colours_of_the_design_system() -> None:
    known = set(re.findall(r"#[0-9a-f]{6}", TOKENS.read_text(encoding="utf-8")))
    assert {each.colour for each in SYMBOLS} <= known


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize(("there", "most", "kept"), [(0, 2, 0), (2, 2, 2), (3, 2, 2), (2, 5, 2)])
async def test_a_collection_is_cut_to_its_first_features(size: int, there: int, most: int, kept: int) -> None:
    features = ",\n".join(json.dumps({"id": number}) for number in range(there))
    whole = f'{{"type":"FeatureCollection","features":[\n{features}\n]}}\n'.encode()

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(whole), size):
            yield whole[start : start + size]

    read = json.loads(b"".join([part async for part in first_features(parts(), most)]))
    assert [each["id"] for each in read["features"]] == list(range(kept))
