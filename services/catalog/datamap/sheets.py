"""A data map as tables, CSV, a workbook and a page, in the template's columns."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

from services.catalog.datamap.data_map import DataMap, Receiver
from services.catalog.datamap.difference import View

SERVICE_COLUMNS: Final = (
    "サービス名",
    "取込データ",
    "取得データ(内部のみ)",
    "取得データ(外部提供可能)",
    "提供先サービス",
    "提供頻度",
    "提供方式",
)
DATASET_COLUMNS: Final = ("データセット名", "データ所管元", "データの所在", "提供先サービス", "提供頻度", "提供方式")
_TITLES: Final = {View.SERVICES: "サービス側", View.DATASETS: "データアセット側"}
_FORMULA: Final = ("=", "+", "-", "@")
_MEDIA_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A data map as a file: what it is called, its media type, what it holds."""

    name: str
    media_type: str
    body: bytes


def sheet_of(data_map: DataMap, form: Literal["csv", "xlsx"], view: View) -> Sheet:
    """Return a map as CSV (one view) or as a workbook (both)."""
    body = to_csv(data_map, view) if form == "csv" else to_xlsx(data_map)
    day = data_map.made_at[:10].replace("-", "")
    return Sheet(f"datamap-{data_map.tenant or 'default'}-{day}.{form}", _MEDIA_TYPES[form], body)


def columns(view: View) -> Sequence[str]:
    """Return the template's columns of a view."""
    return SERVICE_COLUMNS if view is View.SERVICES else DATASET_COLUMNS


def rows(data_map: DataMap, view: View) -> list[list[str]]:
    """Return a view as rows; receivers, and how often and how each gets it, stand line by line in their cells."""
    if view is View.SERVICES:
        return [
            [each.name, *map("\n".join, (each.intake, each.internal, each.external)), *_receivers(each.receivers)]
            for each in data_map.services
        ]
    return [[each.name, each.owner, each.place, *_receivers(each.receivers)] for each in data_map.datasets]


def _receivers(receivers: Sequence[Receiver]) -> list[str]:
    members = ("name", "frequency", "method")
    return ["\n".join(getattr(each, member) for each in receivers) for member in members]


def to_csv(data_map: DataMap, view: View) -> bytes:
    """Return a view as CSV, marked for Excel; what a spreadsheet would take for a formula stands behind a quote."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns(view))
    for row in rows(data_map, view):
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return written.getvalue().encode("utf-8-sig")


def to_xlsx(data_map: DataMap) -> bytes:
    """Return both views as the sheets of a workbook; cells are texts, never formulas."""
    import xlsxwriter  # noqa: PLC0415  # loaded when it is wanted

    body = io.BytesIO()
    book = xlsxwriter.Workbook(body, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#E8F1FE", "border": 1, "text_wrap": True, "valign": "top"})
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    for view in View:
        sheet = book.add_worksheet(_TITLES[view])
        sheet.write_string(0, 0, f"{data_map.title} データマップ {data_map.made_at}")
        listed = rows(data_map, view)
        for place, name in enumerate(columns(view)):
            sheet.write_string(1, place, name, head)
        for number, row in enumerate(listed, 2):
            for place, value in enumerate(row):
                sheet.write_string(number, place, value, cell)
        sheet.set_column(0, len(columns(view)) - 1, 28)
        sheet.freeze_panes(2, 1)
    book.close()
    return body.getvalue()


def to_html(data_map: DataMap) -> str:
    """Return both views as a fragment of HTML, to stand in a page."""
    parts = [f'<section class="data-map" lang="ja"><h2>{escape(data_map.title)} データマップ</h2>']
    parts.append(f'<p><time datetime="{escape(data_map.made_at)}">{escape(data_map.made_at)}</time></p>')
    parts += [_table(data_map, view) for view in View]
    if data_map.gaps:
        gaps = "".join(f"<li>{escape(gap)}</li>" for gap in data_map.gaps)
        parts.append(f"<h3>確認できなかったもの</h3><ul>{gaps}</ul>")
    return "".join([*parts, "</section>"])


def _table(data_map: DataMap, view: View) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns(view))
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows(data_map, view))
    caption = f"<caption>{_TITLES[view]}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: Sequence[str]) -> str:
    first, *others = (escape(cell).replace("\n", "<br>") for cell in row)
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in others)
