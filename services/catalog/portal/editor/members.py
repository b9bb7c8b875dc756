"""What the members of a data set are called on pages, where a change names them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from services.catalog.domain.version import Difference
from services.catalog.portal.language import Language

_NAMES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "titles": ("名前", "title"),
        "descriptions": ("説明", "description"),
        "licence": ("利用条件", "terms of use"),
        "licence_text": ("利用条件の記載", "wording of the terms"),
        "themes": ("テーマ", "themes"),
        "keywords": ("キーワード", "keywords"),
        "languages": ("言語", "languages"),
        "spatial": ("対象地域", "area"),
        "box": ("地図の範囲", "extent"),
        "temporal_start": ("対象期間の始まり", "beginning of the period"),
        "temporal_end": ("対象期間の終わり", "end of the period"),
        "frequency": ("更新頻度", "frequency"),
        "max_age_s": ("更新の期限", "time until it is late"),
        "issued": ("公開日", "date of issue"),
        "modified": ("データの更新日", "date of the data"),
        "contact": ("担当課", "unit in charge"),
        "creator": ("作成者", "creator"),
        "landing_page": ("提供元のページ", "publisher’s page"),
        "data_class": ("個人に関する情報", "data about persons"),
        "policy": ("利用のきまり", "policy"),
        "provenance": ("由来", "provenance"),
        "version_label": ("版", "version"),
        "conforms_to": ("準拠する標準", "standards"),
        "documentation": ("説明資料", "documentation"),
        "sources": ("元になったデータ", "sources"),
        "source_system": ("元のシステム", "source system"),
        "series": ("シリーズ", "series"),
        "endpoint_url": ("APIのアドレス", "address of the service"),
        "endpoint_description": ("APIの仕様", "description of the service"),
        "serves": ("APIで提供するデータ", "data that are served"),
        "extras": ("その他の項目", "further members"),
        "distributions": ("ファイル", "files"),
    }
)


def changed_members(differences: Iterable[Difference], t: Language) -> list[str]:
    """Return what differences are about, in words and once each; parts of a member go by its name."""
    members = dict.fromkeys(each.member.partition(".")[0] for each in differences)
    return [t(*_NAMES.get(member, (member, member))) for member in members]
