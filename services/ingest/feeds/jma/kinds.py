"""What a report is about, and how grave each kind of warning is.

Names of warnings changed in 2026, when most got a level (`レベル４土砂災害危険警報`); both generations are known.
"""

import re
from typing import Final

WEATHER: Final = "weather"
_SUBJECTS: Final = (
    ("津波", "tsunami", "naturalDisaster"),
    ("震", "earthquake", "naturalDisaster"),
    ("噴火", "volcano", "naturalDisaster"),
    ("火山", "volcano", "naturalDisaster"),
    ("降灰", "volcano", "naturalDisaster"),
    ("河川", "flood", "naturalDisaster"),
    ("氾濫", "flood", "naturalDisaster"),
    ("土砂", "landslide", "naturalDisaster"),
    ("竜巻", "tornado", WEATHER),
    ("記録的短時間大雨", "heavyRain", WEATHER),
    ("高潮", "stormSurge", WEATHER),
    ("台風", "typhoon", WEATHER),
    ("熱中症", "heat", WEATHER),
)
_NO_ALERTS: Final = re.compile(
    r"実況図|予想図|天気予報|天気概況|季節予報|か月予報|寒候期予報|地方海上予報|季節観測|特殊気象報|紫外線観測|暴風域に入る確率"
)
_LEVEL: Final = re.compile(r"レベル([１-５1-5])")
_BY_LEVEL: Final = {1: "informational", 2: "low", 3: "medium", 4: "high", 5: "critical"}
_BY_WORD: Final = (
    ("特別警報", "critical"),
    ("大津波警報", "critical"),
    ("氾濫発生", "critical"),
    ("危険警報", "high"),
    ("氾濫危険", "high"),
    ("土砂災害警戒情報", "high"),
    ("津波警報", "high"),
    ("記録的短時間大雨", "high"),
    ("居住地域", "critical"),
    ("氾濫警戒", "medium"),
    ("注意報", "low"),
    ("氾濫注意", "low"),
    ("竜巻注意", "low"),
    ("入山", "medium"),
    ("火口周辺", "low"),
    ("警報", "medium"),
)
_BY_INTENSITY: Final = {
    "7": "critical",
    "6+": "critical",
    "6-": "critical",
    "5+": "high",
    "5-": "high",
    "4": "medium",
    "3": "low",
}
_ORDER: Final = ("informational", "low", "medium", "high", "critical")
_ENDED: Final = ("解除", "なし")


def subject_of(kind: str) -> tuple[str, str]:
    """Return what a kind of report is about, and the category of Smart Data Models' Alert."""
    for word, subject, category in _SUBJECTS:
        if word in kind:
            return subject, category
    return WEATHER, WEATHER


def warns(title: str) -> bool:
    """Tell whether reports of a title (Control/Title) warn of something, or inform about what does.

    Charts, forecasts of the weather, and observations as of cherry blossoms do not.
    """
    return not _NO_ALERTS.search(title)


def severity_of(name: str, report_kind: str = "") -> str:
    """Return how grave a kind of warning is, as Smart Data Models' Alert has it.

    A name that says too little (`警戒`) is read with the kind of its report, if that is one kind only.
    """
    found = _LEVEL.search(name)
    if found:
        return _BY_LEVEL[int(found[1])]
    told = name if "・" in report_kind else f"{name} {report_kind}"
    by_name = next((severity for word, severity in _BY_WORD if word in name), "")
    return by_name or next((severity for word, severity in _BY_WORD if word in told), _ORDER[0])


def severity_of_intensity(intensity: str) -> str:
    """Return how grave an earthquake is by its highest seismic intensity (震度)."""
    return _BY_INTENSITY.get(intensity, _ORDER[0])


def gravest(severities: list[str]) -> str:
    """Return the gravest of several; informational for none."""
    return max(severities, key=_ORDER.index, default=_ORDER[0])


def is_in_force(name: str, status: str) -> bool:
    """Tell whether a kind is a warning that holds, and neither lifted nor a statement that there is none."""
    return bool(name) and not any(word in name or word in status for word in _ENDED)
