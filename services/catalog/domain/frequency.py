"""How often a data set is renewed: codes of the EU frequency vocabulary and their Japanese wordings."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

SCHEME = "http://publications.europa.eu/resource/authority/frequency"
LIVE = "UPDATE_CONT"

FREQUENCIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        LIVE: ("continuously updated", "常時"),
        "HOURLY": ("hourly", "毎時"),
        "DAILY": ("daily", "毎日"),
        "WEEKLY": ("weekly", "毎週"),
        "MONTHLY": ("monthly", "毎月"),
        "QUARTERLY": ("quarterly", "四半期ごと"),
        "ANNUAL_2": ("semiannual", "半年ごと"),
        "ANNUAL": ("annual", "毎年"),
        "IRREG": ("irregular", "随時"),
        "NEVER": ("never", "更新なし"),
    }
)
"""The codes in use, each with its name in English and in Japanese."""

_WORDINGS = (
    (r"リアルタイム|常時|逐次", LIVE),
    (r"毎時|1時間", "HOURLY"),
    (r"毎日|日次|日ごと|日毎", "DAILY"),
    (r"毎週|週次|週1", "WEEKLY"),
    (r"四半期|3ヶ?か?月|年4回", "QUARTERLY"),
    (r"半年|半期|年2回|6ヶ?か?月", "ANNUAL_2"),
    (r"毎月|月次|月1", "MONTHLY"),
    (r"毎年|年次|年1回|1年|年度", "ANNUAL"),
    (r"随時|不定期|必要に応じ", "IRREG"),
    (r"更新なし|更新しない", "NEVER"),
)


def recognise(wording: str) -> str | None:
    """Return the code that a wording names, None if it names none."""
    plain = unicodedata.normalize("NFKC", wording).strip()
    if plain.upper() in FREQUENCIES:
        return plain.upper()
    return next((code for pattern, code in _WORDINGS if re.search(pattern, plain)), None)


def uri(code: str) -> str:
    """Return the address of a code in the EU vocabulary."""
    return f"{SCHEME}/{code}"
