"""All vocabularies by name."""

from collections.abc import Mapping
from functools import cache

from services.catalog.domain import frequency
from services.catalog.domain.data_class import LABELS
from services.catalog.domain.file_format import KNOWN, media_type_uri
from services.catalog.domain.licence import LICENCES
from services.catalog.domain.theme import THEMES
from services.catalog.vocabularies.models import attributes, entity_types
from services.catalog.vocabularies.places import local_governments
from services.catalog.vocabularies.scheme import Concept, Scheme, scheme


@cache
def schemes() -> Mapping[str, Scheme]:
    """Return the vocabularies; read once."""
    found = (_places(), _types(), _attributes(), _themes(), _formats(), _frequencies(), _licences(), _classes())
    return {each.name: each for each in found}


def _places() -> Scheme:
    return scheme(
        "local-governments",
        ("全国地方公共団体コード", "Codes of local governments"),
        (
            "都道府県と市区町村の6桁のコード。最後の1桁は検査数字です。出典：code4fukui/localgovjp（CC0）",
            "Six-digit codes of prefectures and municipalities. Source: code4fukui/localgovjp, CC0",
        ),
        local_governments(),
    )


def _types() -> Scheme:
    said = ("コンテキストブローカーのエンティティの型", "Types of entities in the context broker")
    return scheme("entity-types", ("エンティティの型", "Entity types"), said, entity_types())


def _attributes() -> Scheme:
    said = ("エンティティの属性の名前", "Names of entities' attributes")
    return scheme("attributes", ("属性", "Attributes"), said, attributes())


def _themes() -> Scheme:
    concepts = (
        Concept(each.code, {"ja": each.title_ja, "en": each.title}, same=(each.uri,)) for each in THEMES.values()
    )
    said = ("データの分野（EUの分類）", "Fields of data (EU data themes)")
    return scheme("themes", ("テーマ", "Themes"), said, concepts)


def _formats() -> Scheme:
    concepts = (
        Concept(
            each.code or each.name,
            {"en": each.name},
            same=(each.uri,) if each.uri else (),
            close=(media_type_uri(each.media_type),) if each.media_type else (),
        )
        for each in KNOWN
    )
    return scheme("formats", ("ファイル形式", "File formats"), ("ファイルの形式", "Formats of files"), concepts)


def _frequencies() -> Scheme:
    concepts = (
        Concept(code, {"ja": japanese, "en": english}, same=(frequency.uri(code),))
        for code, (english, japanese) in frequency.FREQUENCIES.items()
    )
    said = ("データがどのくらいの間隔で更新されるか", "How often data are renewed")
    return scheme("frequencies", ("更新頻度", "Frequencies"), said, concepts)


def _licences() -> Scheme:
    concepts = (
        Concept(each.identifier, {"ja": each.title_ja, "en": each.title}, same=(each.url,) if each.url else ())
        for each in LICENCES.values()
    )
    said = ("データを使うときの条件", "Terms under which data may be used")
    return scheme("licences", ("利用条件", "Licences"), said, concepts)


def _classes() -> Scheme:
    concepts = (Concept(code, {"ja": japanese, "en": english}) for code, (english, japanese) in LABELS.items())
    said = ("個人に関する情報の法律上の区分", "Legal classes of data about persons")
    return scheme("data-classes", ("個人に関する情報の区分", "Classes of personal data"), said, concepts)
