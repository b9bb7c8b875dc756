"""Licences of open data, and how a publisher's wording is recognised without inventing a version."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Licence:
    """Terms under which a data set may be used.

    `url` is empty where the wording names no text; `is_open` follows the Open Definition and is False
    where the wording leaves it unsaid.
    """

    identifier: str
    title: str
    title_ja: str
    url: str = ""
    is_open: bool = False


_CC = "https://creativecommons.org"
_ALL = (
    Licence(
        "CC-BY-4.0",
        "Creative Commons Attribution 4.0",
        "クリエイティブ・コモンズ 表示 4.0 国際",
        f"{_CC}/licenses/by/4.0/",
        is_open=True,
    ),
    Licence(
        "CC-BY-2.1-JP",
        "Creative Commons Attribution 2.1 Japan",
        "クリエイティブ・コモンズ 表示 2.1 日本",
        f"{_CC}/licenses/by/2.1/jp/",
        is_open=True,
    ),
    Licence("CC-BY", "Creative Commons Attribution, version not stated", "CC BY（版の記載なし）", is_open=True),
    Licence(
        "CC-BY-SA-4.0",
        "Creative Commons Attribution Share-Alike 4.0",
        "クリエイティブ・コモンズ 表示-継承 4.0 国際",
        f"{_CC}/licenses/by-sa/4.0/",
        is_open=True,
    ),
    Licence(
        "CC-BY-SA",
        "Creative Commons Attribution Share-Alike, version not stated",
        "CC BY-SA（版の記載なし）",
        is_open=True,
    ),
    Licence("CC0-1.0", "Creative Commons CC0 1.0", "CC0 1.0 全世界", f"{_CC}/publicdomain/zero/1.0/", is_open=True),
    Licence("CC-unspecified", "Creative Commons, kind and version not stated", "CCライセンス（種類と版の記載なし）"),
    Licence(
        "PDL-1.0",
        "Public Data License 1.0",
        "公共データ利用規約（第1.0版）",
        "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
        is_open=True,
    ),
    Licence(
        "GJSTU-2.0",
        "Government of Japan Standard Terms of Use 2.0",
        "政府標準利用規約（第2.0版）",
        "https://www.kantei.go.jp/jp/singi/it2/densei/kettei/gl2_betten_1.pdf",
        is_open=True,
    ),
    Licence(
        "GJSTU", "Government of Japan Standard Terms of Use, version not stated", "政府標準利用規約（版の記載なし）"
    ),
    Licence("other", "As worded by the publisher", "提供者の記載による"),
    Licence("notspecified", "Licence not stated", "記載なし"),
)
LICENCES: Mapping[str, Licence] = MappingProxyType({licence.identifier: licence for licence in _ALL})
"""Every licence by its identifier."""

NOT_SPECIFIED = "notspecified"
OTHER = "other"

_WORDINGS = (
    (r"publicdomain/zero|\bcc-?0\b|cc-zero", "CC0-1.0"),
    (r"by-sa.*4\.0|表示-?継承.*4\.0", "CC-BY-SA-4.0"),
    (r"by-sa|表示-?継承", "CC-BY-SA"),
    (r"by-?(nc|nd)|非営利|改変禁止", OTHER),
    (r"\bby\b.*2\.1|表示.*2\.1", "CC-BY-2.1-JP"),
    (r"\bby\b.*4\.0|表示.*4\.0", "CC-BY-4.0"),
    (r"\bcc-?by\b|licenses/by\b|クリエイティブ.*表示", "CC-BY"),
    (r"\bpdl(\b|-?1)|public-data-license|公共データ利用規約", "PDL-1.0"),
    (r"政府標準利用規約.*2\.0|\bgjstu-2\.0", "GJSTU-2.0"),
    (r"政府標準利用規約|\bgjstu\b", "GJSTU"),
    (r"\bcc\b|ccライセンス|creative-?commons|クリエイティブ.?コモンズ", "CC-unspecified"),
)


def recognise(wording: str) -> str:
    """Return the identifier of the licence that a wording names; `other` for one that the table lacks.

    What the wording leaves open stays open: "CCライセンス" is `CC-unspecified`, "CC BY" is `CC-BY`.
    """
    plain = unicodedata.normalize("NFKC", wording).strip().casefold()
    if not plain:
        return NOT_SPECIFIED
    for identifier in LICENCES:
        if plain == identifier.casefold():
            return identifier
    joined = re.sub(r"[\s_]+", "-", plain)
    for pattern, identifier in _WORDINGS:
        if re.search(pattern, joined):
            return identifier
    return OTHER
