"""Shares as a table: a line for each member's part of each cost, with all that it takes to compute it again."""

from services.auth.billing import wording
from services.auth.billing.documents import SharesJson
from services.auth.billing.plan import HEADS
from services.auth.metering.csv_text import csv_text

_HEADER = (
    "番号",
    "費目",
    "件名",
    "サービス",
    "請求額",
    "配分方法",
    "配分額",
    "団体識別名",
    "団体",
    "基礎数値",
    "基礎数値の合計",
    "参加日数",
    "負担額",
    "負担団体",
    "支払団体",
)


def shares_csv(shares: SharesJson) -> str:
    """Write a settlement as CSV."""
    rows = [
        (
            shares.number,
            HEADS[cost.head],
            cost.title,
            cost.service,
            cost.yen,
            wording.part(part.part),
            part.yen,
            share.tenant,
            shares.name_of(share.tenant),
            share.figure,
            part.figure,
            share.days,
            share.yen,
            shares.name_of(share.borne_by),
            shares.name_of(_party(shares, share.borne_by)),
        )
        for cost in shares.costs
        for part in cost.parts
        for share in part.shares
    ]
    return csv_text(_HEADER, rows)


def _party(shares: SharesJson, tenant: str) -> str:
    known = shares.figures.get(tenant)
    return (known.billing_party if known is not None else None) or tenant
