"""A statement for one municipality: what it pays, by which figures, and what all others pay, on A4 paper."""

from collections.abc import Iterable
from html import escape
from typing import Final

from services.auth.billing import wording
from services.auth.billing.documents import CostJson, PartJson, ShareJson, SharesJson
from services.auth.billing.plan import HEADS

_STYLE: Final = """
@page { size: A4; margin: 18mm 16mm; }
* { box-sizing: border-box; }
body { font-family: "Noto Serif CJK JP", "Hiragino Mincho ProN", "Yu Mincho", "MS Mincho", serif; font-size: 10.5pt;
  line-height: 1.6; color: #000; background: #fff; max-width: 178mm; margin: 8mm auto; padding: 0 4mm; }
h1 { font-size: 16pt; text-align: center; letter-spacing: .2em; margin: 6mm 0; }
h2 { font-size: 12pt; margin: 8mm 0 2mm; break-after: avoid; }
.to { font-size: 13pt; border-bottom: 1px solid #000; display: inline-block; padding-right: 3em; }
.draft { text-align: center; font-weight: bold; border: 1px solid #000; padding: 1mm; }
.total { font-size: 14pt; font-weight: bold; border: 2px solid #000; padding: 2mm 4mm; text-align: center;
  margin: 5mm 0; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #555; padding: 1mm 2mm; vertical-align: top; text-align: left; }
th { background: #eee; font-weight: normal; }
td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
.note { font-size: 9pt; }
@media print { body { margin: 0; padding: 0; max-width: none; } th { print-color-adjust: exact; } }
"""


def statement(shares: SharesJson, tenant: str) -> str:
    """Write the statement of one tenant as an HTML page of its own, in Japanese."""
    name = escape(shares.name_of(tenant))
    body = [
        f'<p class="to">{name}　御中</p>',
        "<h1>負担金明細書</h1>",
        "" if shares.settled_at else '<p class="draft">未確定（試算）</p>',
        _summary(shares),
        f'<p class="total">貴団体の負担額　{wording.yen(shares.by_tenant.get(tenant, 0))}</p>',
        _party(shares, tenant),
        "<h2>1　内訳</h2>",
        _own_table(shares, tenant),
        "<h2>2　算定の基礎</h2>",
        _figures(shares, tenant),
        "<h2>3　全団体の負担額</h2>",
        _everybody(shares),
        _checking(shares),
    ]
    title = f"負担金明細書 {escape(shares.number)} {name}"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    return (
        f'<!doctype html>\n<html lang="ja"><head>{head}<style>{_STYLE}</style></head>\n'
        f"<body>\n{chr(10).join(filter(None, body))}\n</body></html>\n"
    )


def _summary(shares: SharesJson) -> str:
    period = f"{wording.day(shares.since)}から{wording.day(shares.until)}まで"
    rows = [("件名", shares.title), ("番号", shares.number), ("対象期間", period), ("総額", wording.yen(shares.yen))]
    if shares.settled_at is not None:
        rows.append(("確定日", wording.day(shares.settled_at.date())))
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows)
    return f"<table>{cells}</table>"


def _party(shares: SharesJson, tenant: str) -> str:
    known = shares.figures.get(tenant)
    party = known.billing_party if known is not None else None
    return f"<p>支払団体：{escape(shares.name_of(party))}</p>" if party else ""


def _own_table(shares: SharesJson, tenant: str) -> str:
    header = ("費目", "件名", "配分方法", "配分額", "貴団体の基礎数値 ／ 合計", "負担額")
    rows = [
        (
            HEADS[cost.head],
            cost.title + (f"（{cost.service}）" if cost.service else ""),
            wording.part(part.part) + ("【基礎数値なし】" if part.is_fallback else ""),
            wording.yen(part.yen),
            _basis(share, part),
            wording.yen(share.yen) if share.borne_by == tenant else f"0円（{wording.yen(share.yen)}は免除）",
        )
        for cost, part, share in _own_shares(shares, tenant)
    ]
    borne = _borne_for_others(shares, tenant)
    rows += [("", "未利用団体分の負担", "", "", f"{count}件", wording.yen(yen)) for count, yen in borne]
    total = wording.yen(shares.by_tenant.get(tenant, 0))
    return _table(header, rows, numeric={3, 4, 5}, footer=("計", "", "", "", "", total))


def _basis(share: ShareJson, part: PartJson) -> str:
    if part.part.by.key == "payer" or (part.is_fallback and len(part.shares) == 1):
        return "全額"
    return f"{wording.number(share.figure)} ／ {wording.number(part.figure)}"


def _own_shares(shares: SharesJson, tenant: str) -> Iterable[tuple[CostJson, PartJson, ShareJson]]:
    for cost in shares.costs:
        for part in cost.parts:
            yield from ((cost, part, share) for share in part.shares if share.tenant == tenant)


def _borne_for_others(shares: SharesJson, tenant: str) -> list[tuple[int, int]]:
    """Return how many shares of others a tenant bears and what they come to, in one row if there are any."""
    every = [share for cost in shares.costs for part in cost.parts for share in part.shares]
    borne = [share.yen for share in every if share.borne_by == tenant != share.tenant]
    return [(len(borne), sum(borne))] if borne else []


def _figures(shares: SharesJson, tenant: str) -> str:
    known = shares.figures.get(tenant)
    rows = [("人口", f"{known.population:,}人")] if known is not None and known.population is not None else []
    member = next((each for each in shares.plan.members if each.tenant == tenant), None)
    if member is not None:
        rows.append(("参加日数", f"{member.days_in(shares.since, shares.until)}日"))
        rows += [("選択サービス", "、".join(member.services))] if member.services else []
    rows += [(wording.KINDS[kind], f"{amount:,}") for kind, amount in (known.use if known else {}).items()]
    return _table(("項目", "数値"), rows, numeric={1})


def _everybody(shares: SharesJson) -> str:
    everybody = {**dict.fromkeys(sorted(shares.plan.names), 0), **shares.by_tenant}
    rows = [(shares.name_of(name), wording.yen(amount)) for name, amount in everybody.items()]
    return _table(
        ("団体", "負担額"), rows, numeric={1}, footer=("計（総額と一致）", wording.yen(sum(shares.by_tenant.values())))
    )


def _checking(shares: SharesJson) -> str:
    days = (shares.until - shares.since).days + 1
    return (
        '<p class="note">算定方法：配分額 × 貴団体の基礎数値 ÷ 基礎数値の合計。1円未満は切り捨て、残額は端数の'
        "大きい順に1円ずつ配分（端数が同じときは基礎数値の大きい順、次に団体識別名の順）し、合計は配分額に一致します。"
        f"基礎数値は、均等割は参加日数、人口割は人口×参加日数（対象期間は{days}日）、利用実績割は利用量×点数です。"
        "全団体の基礎数値は CSV で確認できます。</p>"
    )


def _table(
    header: tuple[str, ...], rows: Iterable[tuple[str, ...]], *, numeric: set[int], footer: tuple[str, ...] = ()
) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    lines = [_row(row, numeric) for row in (*rows, *([footer] if footer else []))]
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _row(row: tuple[str, ...], numeric: set[int]) -> str:
    cells = [f"<td{' class=n' if place in numeric else ''}>{escape(cell)}</td>" for place, cell in enumerate(row)]
    return f"<tr>{''.join(cells)}</tr>"
