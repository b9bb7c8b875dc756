"""What kind of data about people a data set holds (個人情報保護法, article 2), which decides who may have it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class DataClass(StrEnum):
    """The legal classes, from the strictest to none."""

    PERSONAL = "personal"
    PERSON_RELATED = "person-related"
    PSEUDONYMISED = "pseudonymised"
    ANONYMISED = "anonymised"
    NONE = "none"

    @property
    def may_be_public(self) -> bool:
        """Tell whether everybody may have such data: those without people, and anonymised ones (匿名加工情報)."""
        return self in (DataClass.NONE, DataClass.ANONYMISED)


LABELS: Mapping[DataClass, tuple[str, str]] = MappingProxyType(
    {
        DataClass.PERSONAL: ("Personal information", "個人情報"),
        DataClass.PERSON_RELATED: ("Information related to persons", "個人関連情報"),
        DataClass.PSEUDONYMISED: ("Pseudonymously processed information", "仮名加工情報"),
        DataClass.ANONYMISED: ("Anonymously processed information", "匿名加工情報"),
        DataClass.NONE: ("No data about persons", "該当なし"),
    }
)
"""Their names in English and in Japanese."""
