"""Themes: the EU data-theme vocabulary, and what the categories of Japanese catalogues mean in it."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SCHEME = "http://publications.europa.eu/resource/authority/data-theme"


@dataclass(frozen=True, slots=True)
class Theme:
    """A data theme: its code and its name in two languages."""

    code: str
    title: str
    title_ja: str

    @property
    def uri(self) -> str:
        """Its address in the EU vocabulary."""
        return f"{SCHEME}/{self.code}"


_ALL = (
    Theme("AGRI", "Agriculture, fisheries, forestry and food", "農林水産・食"),
    Theme("ECON", "Economy and finance", "経済・財政"),
    Theme("EDUC", "Education, culture and sport", "教育・文化・スポーツ"),
    Theme("ENER", "Energy", "エネルギー"),
    Theme("ENVI", "Environment", "環境"),
    Theme("GOVE", "Government and public sector", "行政"),
    Theme("HEAL", "Health", "保健・医療"),
    Theme("INTR", "International issues", "国際"),
    Theme("JUST", "Justice, legal system and public safety", "司法・安全・防災"),
    Theme("REGI", "Regions and cities", "地域・都市"),
    Theme("SOCI", "Population and society", "人口・社会"),
    Theme("TECH", "Science and technology", "科学技術"),
    Theme("TRAN", "Transport", "交通・運輸"),
)
THEMES: Mapping[str, Theme] = MappingProxyType({theme.code: theme for theme in _ALL})
"""Every theme by its code."""

_CATEGORIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # municipal lists
        "くらし": ("SOCI",),
        "交通": ("TRAN",),
        "保健・医療・福祉": ("HEAL", "SOCI"),
        "教育・子育て": ("EDUC", "SOCI"),
        "文化・スポーツ・公園": ("EDUC",),
        "行政機関": ("GOVE",),
        "観光・産業": ("ECON",),
        "防災施設": ("JUST",),
        "防災": ("JUST",),
        "環境": ("ENVI",),
        "観光": ("ECON",),
        "福祉": ("SOCI",),
        "健康": ("HEAL",),
        "都市計画": ("REGI",),
        # the seventeen fields of official statistics, used by the national catalogue
        "国土・気象": ("REGI", "ENVI"),
        "人口・世帯": ("SOCI",),
        "労働・賃金": ("ECON", "SOCI"),
        "農林水産業": ("AGRI",),
        "鉱工業": ("ECON",),
        "商業・サービス業": ("ECON",),
        "企業・家計・経済": ("ECON",),
        "住宅・土地・建設": ("REGI",),
        "エネルギー・水": ("ENER",),
        "運輸・観光": ("TRAN", "ECON"),
        "情報通信・科学技術": ("TECH",),
        "教育・文化・スポーツ・生活": ("EDUC",),
        "行財政": ("GOVE",),
        "司法・安全・環境": ("JUST", "ENVI"),
        "社会保障・衛生": ("HEAL", "SOCI"),
        "国際": ("INTR",),
    }
)


def themes_of(category: str) -> tuple[str, ...]:
    """Return the theme codes of a Japanese category; none for a category that the table lacks."""
    return _CATEGORIES.get(unicodedata.normalize("NFKC", category).strip(), ())
