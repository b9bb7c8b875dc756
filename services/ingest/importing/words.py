"""What the codes in a report mean, in English and in Japanese: repairs, and reasons of refusal."""

from collections.abc import Mapping
from types import MappingProxyType

RULES: Mapping[str, str] = MappingProxyType(
    {
        "trimmed": "Spaces and line breaks around a cell are removed",
        "full-width": "Full-width digits and signs are written in half width",
        "dash-as-empty": "A cell with only a dash counts as empty",
        "symbol-as-empty": "A cell with a sign of statistics for no figure (… x *** N/A 不明) counts as empty",
        "footnote-mark": "The mark of a footnote (※ *) behind a value is removed",
        "ditto": "A cell that says as above (〃 同上) has what stands above it",
        "thousands-separator": "Commas in a number are removed",
        "number-in-text": "A number is taken out of its text, which is kept as `publishedAs`",
        "triangle-as-minus": "A △ or ▲ before a number is read as minus",
        "unreadable-number": "A number that cannot be read, or is in another unit than its column, is kept as text",
        "unreadable-flag": "A flag that is none of ○ × △ 有 無 可 否 1 0 is kept as text",
        "leading-zero": "A telephone number that a spreadsheet took for a figure gets its leading zero back",
        "japanese-era": "A date of the Japanese calendar (令和5年4月1日, H31.4.1) is written as ISO 8601",
        "date-format": "A date in another order or with other signs is written as ISO 8601",
        "serial-date": "The number of days by which a spreadsheet counts is written as a date",
        "unreadable-date": "A date that cannot be read is kept as text",
        "time-format": "A time is written as hh:mm",
        "all-day": "終日 and 24時間 are written as 00:00 to 24:00",
        "unreadable-time": "Opening hours that cannot be read are kept as text",
        "days-without-times": "Days of opening without times are kept as text",
        "unreadable-days": "Opening hours of days that cannot be read are kept as text",
        "check-digit": "A municipality code gets its leading zero or its check digit",
        "unreadable-code": "A municipality code that is none, or could be two, is kept as text",
        "no-scheme": "A web address gets its https://",
        "unreadable-url": "A web address that is none is kept as text",
        "unknown-value": "A value that the mapping's list does not have is kept as it is",
        "no-position": "A row without coordinates is taken without a location",
        "zero-position": "Coordinates 0 are left out",
        "swapped-position": "Latitude and longitude are exchanged",
        "sexagesimal-position": "Degrees, minutes and seconds are written as decimal degrees",
        "tokyo-datum": "Coordinates of the Tokyo datum are converted to the world's (JGD2011)",
        "position-outside": "Coordinates outside Japan are kept as text",
        "unreadable-position": "Coordinates that are no numbers are kept as text",
        "id-from-name": "A row without a number is named after name and address, or the columns that tell rows apart",
        "id-from-content": "A row without number and name, or with an earlier row's name, is named after all it says",
        "id-with-code": "A number that several municipalities use is named with the municipality's code",
    }
)
"""What was done to a cell or a row, by rule."""

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "same-id": "an earlier row names the same entity",
        "repeated-row": "an earlier row says exactly the same",
        "scientific-id": "the number has lost digits to a spreadsheet (`3.7E+08`)",
        "surplus-cells": "the row has more cells than the header",
        "placeholder": "a row that nobody filled in, or an example",
        "broken-characters": "bytes that the encoding does not know",
        "broker-refuses": "the context broker does not take the entity; its words are in the detail",
        "broker-fails": "the context broker failed at this entity again and again",
    }
)
"""Why a row became no entity, by reason; `no-<attribute>` says itself which one is missing."""

_JAPANESE: Mapping[str, str] = MappingProxyType(
    {
        "trimmed": "セルの前後の空白や改行を取り除きました",
        "full-width": "全角の数字・記号を半角にしました",
        "dash-as-empty": "横線だけのセルは空欄として扱いました",
        "symbol-as-empty": "数値がないことを表す記号や言葉(… x *** N/A 不明)のセルは空欄として扱いました",
        "footnote-mark": "値の後ろの注記の印(※ *)を取り除きました",
        "ditto": "「〃」「同上」のセルに上の行の値を入れました",
        "thousands-separator": "数値の桁区切りのカンマを取り除きました",
        "number-in-text": "文字の中の数値を取り出しました(元の文字は `publishedAs` に残しています)",
        "triangle-as-minus": "数値の前の△・▲をマイナスとして読みました",
        "unreadable-number": "数値として読めない、または列と単位の異なるセルは文字のまま残しました",
        "unreadable-flag": "有無(○ × △ 有 無 可 否 1 0)として読めないセルは文字のまま残しました",
        "leading-zero": "先頭の0が失われた電話番号に0を補いました",
        "japanese-era": "和暦の日付を西暦(ISO 8601)にしました",
        "date-format": "日付の書き方をISO 8601(2023-04-01)にそろえました",
        "serial-date": "表計算ソフトの日付の通し番号を日付にしました",
        "unreadable-date": "日付として読めないセルは文字のまま残しました",
        "time-format": "時刻の書き方を hh:mm にそろえました",
        "all-day": "終日・24時間を 00:00 から 24:00 としました",
        "unreadable-time": "読めない利用時間は文字のまま残しました",
        "days-without-times": "時間のない利用可能曜日は文字のまま残しました",
        "unreadable-days": "読めない曜日の利用時間は文字のまま残しました",
        "check-digit": "全国地方公共団体コードの先頭の0や検査数字を補いました",
        "unreadable-code": "全国地方公共団体コードとして読めないセルは文字のまま残しました",
        "no-scheme": "URLに https:// を補いました",
        "unreadable-url": "URLとして読めないセルは文字のまま残しました",
        "unknown-value": "選択肢にない値をそのまま登録しました",
        "no-position": "緯度・経度のない行を、位置なしで登録しました",
        "zero-position": "緯度・経度が0の位置は登録していません",
        "swapped-position": "緯度と経度が入れ替わっていたので直しました",
        "sexagesimal-position": "度分秒の緯度・経度を10進の度にしました",
        "tokyo-datum": "日本測地系の緯度・経度を世界測地系(JGD2011)に変換しました",
        "position-outside": "日本の範囲の外の緯度・経度は文字のまま残しました",
        "unreadable-position": "数値として読めない緯度・経度は文字のまま残しました",
        "id-from-name": "番号のない行の識別子を、名称と住所(または行を区別する列)から作りました",
        "id-from-content": "番号も名称もない行や、名称が前の行と同じ行の識別子を、行の内容全体から作りました",
        "id-with-code": "複数の自治体で重なる番号に、団体コードを付けて識別子にしました",
        "same-id": "前の行と同じ番号(識別子)です。番号を直してください",
        "repeated-row": "前の行とまったく同じ内容の行です。1行だけ登録しました",
        "scientific-id": "番号が表計算ソフトで指数表示(3.7E+08)になり、桁が失われています",
        "surplus-cells": "見出しより列の多い行です。カンマや引用符を確かめてください",
        "placeholder": "記入例、または記入されていない行です",
        "broken-characters": "文字化けしている行です。文字コードを確かめてください",
        "broker-refuses": "コンテキストブローカーが受け付けませんでした。理由は detail にあります",
        "broker-fails": "この行の登録中にコンテキストブローカーで繰り返しエラーが起きました",
        "unreadable-cell": "読めないセルは登録していません",
        "unknown-station": "データにない親駅への参照は登録していません",
        "too-few-points": "点が1つだけの線は登録していません",
        "no-time": "時刻のない情報には、電文全体の時刻を使いました",
        "milliseconds": "ミリ秒で書かれた時刻をミリ秒として読みました",
        "not-utf-8": "UTF-8でない文字を Shift_JIS または EUC-JP として読みました",
        "missing-value": "必須の値がありません",
        "unreadable-value": "読めない値があります",
        "unknown-reference": "存在しない行を参照しています",
        "unreadable-point": "座標を読めません",
        "no-alert": "予報・天気図・観測の電文で、警報や防災情報ではありません",
        "unreadable": "電文を読めません",
        "superseded": "より新しい電文が先に届いています",
    }
)
_MISSING = "no-"


def in_japanese(code: str) -> str:
    """Say what a rule or a reason means in Japanese; empty for one that is not known."""
    if code in _JAPANESE:
        return _JAPANESE[code]
    return f"必須の項目({code.removeprefix(_MISSING)})が空欄です" if code.startswith(_MISSING) else ""
