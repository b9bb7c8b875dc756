"""全国地方公共団体コード: six digits as text, the last one a check digit."""

import re
import unicodedata

from services.kernel import local_governments
from services.kernel.errors import BadData

_PREFECTURES = [
    "北海道",
    "青森県",
    "岩手県",
    "宮城県",
    "秋田県",
    "山形県",
    "福島県",
    "茨城県",
    "栃木県",
    "群馬県",
    "埼玉県",
    "千葉県",
    "東京都",
    "神奈川県",
    "新潟県",
    "富山県",
    "石川県",
    "福井県",
    "山梨県",
    "長野県",
    "岐阜県",
    "静岡県",
    "愛知県",
    "三重県",
    "滋賀県",
    "京都府",
    "大阪府",
    "兵庫県",
    "奈良県",
    "和歌山県",
    "鳥取県",
    "島根県",
    "岡山県",
    "広島県",
    "山口県",
    "徳島県",
    "香川県",
    "愛媛県",
    "高知県",
    "福岡県",
    "佐賀県",
    "長崎県",
    "熊本県",
    "大分県",
    "宮崎県",
    "鹿児島県",
    "沖縄県",
]


def check_digit(five: str) -> str:
    """Return the check digit of five digits, as text."""
    return str(local_governments.check_digit(five))


def is_code(text: str) -> bool:
    """Tell whether a text is a six-digit code with its right check digit."""
    return re.fullmatch(r"[0-9]{6}", text) is not None and check_digit(text[:5]) == text[5]


def repair(text: str, prefecture: str = "") -> str:
    """Return the six-digit code that a cell means: a lost leading zero or a missing check digit is put back.

    `372013` stays, `37201` becomes `372013`, `13101` `131016`, `92011` `092011`, `9201` `092011`. The prefecture's
    name decides where both readings are possible (`12106`: 012106 in 北海道, 121061 in 千葉県).
    Raises BadData for anything else, and for what can still be read both ways.
    """
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix(".0")
    if is_code(plain):
        return plain
    if re.fullmatch(r"[0-9]{6}", plain):
        raise BadData(f"code {plain} has the wrong check digit: {check_digit(plain[:5])} belongs there", field="code")
    if not re.fullmatch(r"[0-9]{4,5}", plain):
        raise BadData(f"code '{text}' is not a code of a local government", field="code")
    readings = _within(prefecture, _readings(plain))
    if len(readings) > 1:
        raise BadData(f"code {plain} may mean {' or '.join(readings)}", field="code")
    if not readings:
        raise BadData(f"code {plain} names no local government", field="code")
    return readings[0]


def _readings(digits: str) -> list[str]:
    """Return the codes that four or five digits may stand for."""
    if len(digits) == 4:
        digits = f"0{digits}"
        return [digits + check_digit(digits)] if _is_plausible(digits) else []
    completed = [digits + check_digit(digits)] if _is_plausible(digits) else []
    with_zero = f"0{digits}"
    return completed + ([with_zero] if is_code(with_zero) and _is_plausible(with_zero[:5]) else [])


def _within(prefecture: str, codes: list[str]) -> list[str]:
    """Return the codes that lie in a prefecture; all of them if its name is unknown or fits none."""
    if prefecture not in _PREFECTURES:
        return codes
    number = f"{_PREFECTURES.index(prefecture) + 1:02}"
    return [code for code in codes if code.startswith(number)] or codes


def _is_plausible(five: str) -> bool:
    """Tell whether five digits name one of 47 prefectures (then 000) or a municipality (100 and above)."""
    return 1 <= int(five[:2]) <= 47 and (five[2:] == "000" or int(five[2:]) >= 100)


def statistics_uri(code: str) -> str:
    """Return the address of an area in the national statistics' linked data, where codes have five digits."""
    return f"http://data.e-stat.go.jp/lod/sac/C{code[:5]}"
