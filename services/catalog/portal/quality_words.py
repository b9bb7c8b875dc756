"""What is looked at in the description of a data set, in words."""

from collections.abc import Mapping
from types import MappingProxyType

from services.catalog.portal.language import Language

_RATINGS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "excellent": ("とてもよい", "Excellent"),
        "good": ("よい", "Good"),
        "sufficient": ("足りている", "Sufficient"),
        "bad": ("足りない", "Poor"),
    }
)
_METRICS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "keywords": ("キーワードがある", "It has keywords"),
        "categories": ("テーマが選ばれている", "It has a theme"),
        "spatial": ("対象地域がわかる", "It says its area"),
        "temporal": ("対象期間がわかる", "It says the time covered"),
        "dcat-ap": ("名前と説明がある", "It has a title and a description"),
        "licence": ("利用条件が書かれている", "It says the terms of use"),
        "known-licence": ("利用条件が標準のものである", "The terms are a known licence"),
        "access-restrictions": ("公開の範囲がわかる", "It says who may have it"),
        "access-rights-vocabulary": ("公開の範囲が標準の用語で書かれている", "It says so in a standard vocabulary"),
        "contact": ("問い合わせ先がある", "It names a contact"),
        "publisher": ("提供団体の名前がある", "It names its publisher"),
        "rights": ("権利についての記載がある", "It says something of rights"),
        "issued": ("公開日がわかる", "It says when it was first published"),
        "modified": ("更新日がわかる", "It says when it was updated"),
        "access-url-answers": ("入手先につながる", "Its address answers"),
        "download-url": ("直接ダウンロードできる", "It can be downloaded directly"),
        "download-url-answers": ("ダウンロードのアドレスにつながる", "The address of the download answers"),
        "format": ("形式が書かれている", "It says its format"),
        "media-type": ("メディアタイプが書かれている", "It says its media type"),
        "vocabulary": ("形式が標準の用語で書かれている", "It says the format in a standard vocabulary"),
        "non-proprietary": ("特定の製品に依存しない形式がある", "It has a format of no single product"),
        "machine-readable": ("機械で読める形式がある", "It has a format that machines read"),
        "size": ("ファイルの大きさがわかる", "It says the size of a file"),
    }
)


def rating_name(rating: str, language: Language) -> str:
    """Return a rating in words."""
    return language(*_RATINGS[rating]) if rating in _RATINGS else rating


def metric_name(name: str, language: Language) -> str:
    """Return what is looked at, in words."""
    return language(*_METRICS[name]) if name in _METRICS else name
