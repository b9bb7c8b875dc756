"""What ingest tells of the sources of entities, in the words of the map."""

from collections.abc import Mapping
from typing import Any, Final

from services.catalog.datamap.facts import SourceFact

AT_CHANGE: Final = "随時（変更時）"
ON_REQUEST: Final = "随時（要求時）"
_BY_HAND: Final = "随時（取込時）"
_STOPPED: Final = "停止中"
_UNITS: Final = ((86_400, "日"), (3600, "時間"), (60, "分"), (1, "秒"))


def source_of(told: Mapping[str, Any]) -> SourceFact:
    """Read a source as ingest's `/sources` has it: devices, a connector, documents sent to it, files."""
    types, path = tuple(map(str, told["types"])), str(told["service_path"])
    match told["kind"]:
        case "devices":
            return SourceFact(types, f"デバイス {told['count']}台", path, AT_CHANGE, str(told["transport"]))
        case "files":
            name = str(told["name"] or told["feed"] or "")
            return SourceFact(types, name or "ファイル", path, _BY_HAND, "ファイル取込", is_outside=True)
        case kind:
            name = str(told["title"] or told["name"])
            host = f" {told['host']}" if told["host"] else ""
            method = "HTTP受信" if kind == "push" else "HTTP取得"
            return SourceFact(types, f"{name}{host}", path, _frequency(told), method, is_outside=True)


def _frequency(told: Mapping[str, Any]) -> str:
    schedule = told["schedule"]
    if not told["is_active"]:
        return _STOPPED
    if schedule is None:
        return AT_CHANGE
    if schedule["at"]:
        return f"定時 ({schedule['at']})"
    seconds = int(schedule["every_s"])
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return f"{seconds // size}{unit}ごと"
