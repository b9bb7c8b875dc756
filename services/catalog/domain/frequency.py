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
        "CONT": ("continuous", "連続"),
        "1MIN": ("every minute", "毎分"),
        "5MIN": ("every five minutes", "5分ごと"),
        "10MIN": ("every ten minutes", "10分ごと"),
        "15MIN": ("every fifteen minutes", "15分ごと"),
        "30MIN": ("every thirty minutes", "30分ごと"),
        "HOURLY": ("hourly", "毎時"),
        "BIHOURLY": ("every two hours", "2時間ごと"),
        "TRIHOURLY": ("every three hours", "3時間ごと"),
        "12HRS": ("every twelve hours", "12時間ごと"),
        "DAILY_2": ("twice a day", "1日2回"),
        "DAILY": ("daily", "毎日"),
        "WEEKLY_3": ("three times a week", "週3回"),
        "WEEKLY_2": ("twice a week", "週2回"),
        "WEEKLY": ("weekly", "毎週"),
        "BIWEEKLY": ("every two weeks", "隔週"),
        "MONTHLY_3": ("three times a month", "月3回"),
        "MONTHLY_2": ("twice a month", "月2回"),
        "MONTHLY": ("monthly", "毎月"),
        "BIMONTHLY": ("every two months", "隔月"),
        "QUARTERLY": ("quarterly", "四半期ごと"),
        "ANNUAL_3": ("three times a year", "年3回"),
        "ANNUAL_2": ("semiannual", "半年ごと"),
        "ANNUAL": ("annual", "毎年"),
        "BIENNIAL": ("every two years", "隔年"),
        "TRIENNIAL": ("every three years", "3年ごと"),
        "QUADRENNIAL": ("every four years", "4年ごと"),
        "QUINQUENNIAL": ("every five years", "5年ごと"),
        "DECENNIAL": ("every ten years", "10年ごと"),
        "IRREG": ("irregular", "随時"),
        "AS_NEEDED": ("as needed", "必要に応じて"),
        "NOT_PLANNED": ("not planned", "予定なし"),
        "NEVER": ("never", "更新なし"),
        "OTHER": ("other", "その他"),
        "UNKNOWN": ("unknown", "不明"),
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
