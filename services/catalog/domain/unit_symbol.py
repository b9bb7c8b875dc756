"""Symbols of units for readers, by their UN/CEFACT codes (Recommendation 20)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SYMBOLS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "MTR": "m",
        "CMT": "cm",
        "MMT": "mm",
        "KMT": "km",
        "MTK": "m²",
        "HAR": "ha",
        "KMK": "km²",
        "MTQ": "m³",
        "LTR": "L",
        "MQS": "m³/s",
        "CEL": "°C",
        "P1": "%",
        "A97": "hPa",
        "MTS": "m/s",
        "KMH": "km/h",
        "DD": "°",
        "GP": "mg/m³",
        "GQ": "µg/m³",
        "59": "ppm",
        "GRM": "g",
        "KGM": "kg",
        "TNE": "t",
        "SEC": "s",
        "MIN": "min",
        "HUR": "h",
        "DAY": "d",
        "WTT": "W",
        "KWT": "kW",
        "KWH": "kWh",
        "VLT": "V",
        "AMP": "A",
        "LUX": "lx",
        "2N": "dB",
        "C62": "",
    }
)


def symbol(code: str) -> str:
    """Return how a unit is written, its code where no symbol is known."""
    return SYMBOLS.get(code, code)
