"""The files that a live data set can be had as."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.catalog.domain.addresses import Addresses
from services.catalog.domain.dataset import Dataset
from services.catalog.domain.distribution import Distribution, Served
from services.catalog.domain.entity_type import known_type


@dataclass(frozen=True, slots=True)
class _File:
    format: str
    media_type: str
    what: str
    what_en: str


_FILES: Mapping[str, _File] = MappingProxyType(
    {
        "csv": _File(
            "CSV",
            "text/csv",
            "今ある全件を1行ずつ。`labels=ja` を付けると見出しが日本語になります。",
            "All present entities, a row each; `labels=ja` for headings in Japanese.",
        ),
        "geojson": _File(
            "GeoJSON", "application/geo+json", "今ある全件を地物として。", "All present entities as features."
        ),
        "parquet": _File(
            "Parquet", "application/vnd.apache.parquet", "今ある全件を1行ずつ。", "All present entities, a row each."
        ),
    }
)


def live_files(dataset: Dataset, addresses: Addresses) -> tuple[Distribution, ...]:
    """Return a distribution for each form of file, made when it is downloaded."""
    assert dataset.live is not None
    page = f"{addresses.catalog}/datasets/{dataset.name}"
    known = known_type(dataset.live.type_name)
    return tuple(
        Served(
            distribution_id=uuid.uuid5(dataset.dataset_id, f"file:{suffix}"),
            title=f"{known.title_ja}（{file.format}）",
            title_en=f"{known.title} ({file.format})",
            description=file.what,
            description_en=file.what_en,
            format=file.format,
            media_type=file.media_type,
            access_url=f"{page}/download.{suffix}",
            download_url=f"{page}/download.{suffix}",
        )
        for suffix, file in _FILES.items()
    )
