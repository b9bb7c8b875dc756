"""Japanese words of statements: days, amounts, keys."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from services.auth.billing.plan import Equal, Key, Part, Payer, Population, Use

_REIWA: Final = date(2019, 5, 1)
_BEFORE_REIWA: Final = 2018
KINDS: Final[Mapping[str, str]] = {
    "interactive": "API利用（対話）",
    "batch": "API利用（一括）",
    "internal": "基盤内部の呼出し",
    "notifications": "通知",
    "mqtt_measures": "計測値（MQTT）",
    "http_measures": "計測値（HTTP）",
    "entities": "エンティティ数×日",
    "history_rows": "履歴行数×日",
    "subscriptions": "サブスクリプション数×日",
    "registrations": "登録情報源数×日",
    "devices": "デバイス数×日",
    "datasets": "データセット数×日",
    "storage_bytes": "保存量（バイト×日）",
}


def day(instant: date) -> str:
    """Write a day in the Japanese calendar; before Reiwa in the Western one."""
    if instant < _REIWA:
        return f"{instant.year}年{instant.month}月{instant.day}日"
    year = instant.year - _BEFORE_REIWA
    return f"令和{'元' if year == 1 else year}年{instant.month}月{instant.day}日"


def yen(amount: int) -> str:
    """Write an amount."""
    return f"{amount:,}円"


def number(figure: str) -> str:
    """Write a figure with its thousands apart."""
    whole, _, digits = figure.partition(".")
    return f"{int(whole):,}" + (f".{digits}" if digits else "")


def key(by: Key) -> str:
    """Return what a key of apportionment is called on bills."""
    match by:
        case Equal():
            return "均等割"
        case Population(doubling=doubling) if doubling == Decimal(2):
            return "人口割"
        case Population(doubling=doubling):
            return f"人口割（逓減：人口2倍で{doubling.normalize():f}倍）"
        case Use(points=points):
            return "利用実績割（" + "、".join(f"{KINDS[kind]}×{point}" for kind, point in points.items()) + "）"
        case Payer():
            return "一括負担"


def part(each: Part) -> str:
    """Name a part with whom it is divided among."""
    among = "利用団体" if each.among == "users" else "全構成団体"
    words = key(each.by) if isinstance(each.by, Payer) else f"{key(each.by)}・{among}"
    return f"{words}（未利用団体分は代表団体が負担）" if each.free_until_used else words
