"""File formats as publishers write them, with their media type and their code in the EU file-type vocabulary."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

SCHEME = "http://publications.europa.eu/resource/authority/file-type"
_IANA = "http://www.iana.org/assignments/media-types"


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format: its usual name, its media type and its EU code; empty where there is none."""

    name: str
    media_type: str = ""
    code: str = ""

    @property
    def uri(self) -> str:
        """Its address in the EU vocabulary, empty without a code."""
        return f"{SCHEME}/{self.code}" if self.code else ""


def media_type_uri(media_type: str) -> str:
    """Return the address of a media type at its registry."""
    return f"{_IANA}/{media_type}"


_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KNOWN = (
    FileFormat("CSV", "text/csv", "CSV"),
    FileFormat("XLSX", _SHEET, "XLSX"),
    FileFormat("XLS", "application/vnd.ms-excel", "XLS"),
    FileFormat("TXT", "text/plain", "TXT"),
    FileFormat("PDF", "application/pdf", "PDF"),
    FileFormat("JSON", "application/json", "JSON"),
    FileFormat("JSON-LD", "application/ld+json", "JSON_LD"),
    FileFormat("GeoJSON", "application/geo+json", "GEOJSON"),
    FileFormat("XML", "application/xml", "XML"),
    FileFormat("RDF", "", "RDF"),
    FileFormat("RDF/XML", "application/rdf+xml", "RDF_XML"),
    FileFormat("Turtle", "text/turtle", "RDF_TURTLE"),
    FileFormat("HTML", "text/html", "HTML"),
    FileFormat("ZIP", "application/zip", "ZIP"),
    FileFormat("SHP", "", "SHP"),
    FileFormat("KML", "application/vnd.google-earth.kml+xml", "KML"),
    FileFormat("KMZ", "application/vnd.google-earth.kmz", "KMZ"),
    FileFormat("GML", "application/gml+xml", "GML"),
    FileFormat("DOC", "application/msword", "DOC"),
    FileFormat("DOCX", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "DOCX"),
    FileFormat("ODS", "application/vnd.oasis.opendocument.spreadsheet", "ODS"),
    FileFormat("PNG", "image/png", "PNG"),
    FileFormat("JPEG", "image/jpeg", "JPEG"),
)
_BY_NAME: Mapping[str, FileFormat] = MappingProxyType({known.name.casefold(): known for known in KNOWN})
_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "text": "txt",
        "テキスト": "txt",
        "excel": "xlsx",
        "エクセル": "xlsx",
        "jpg": "jpeg",
        "ttl": "turtle",
        "jsonld": "json-ld",
        "shape": "shp",
        "シェープ": "shp",
        "ngsi-ld": "json-ld",
        "ngsiv2": "json",
    }
)


DISPLAY_NAMES: Mapping[str, str] = MappingProxyType(
    {**{key: known.name for key, known in _BY_NAME.items()}, "ngsi-ld": "NGSI-LD", "ngsiv2": "NGSIv2"}
)
"""What a folded format is called."""


def recognise(wording: str) -> FileFormat:
    """Return the format that a wording names; one without media type and code if the table lacks it."""
    stripped = unicodedata.normalize("NFKC", wording).strip()
    key = stripped.removeprefix(".").casefold()
    return _BY_NAME.get(_ALIASES.get(key, key)) or FileFormat(stripped)


def of_media_type(media_type: str) -> FileFormat:
    """Return the format that usually has a media type; one without a name if the table lacks it."""
    return next((known for known in KNOWN if known.media_type == media_type), FileFormat("", media_type))


def split_list(wording: str) -> tuple[str, ...]:
    """Split a list of formats, as in "xlsx,text,RDF", into its parts in their order, each once."""
    parts = (part.strip() for part in re.split(r"[,、，/／;；\n]+", wording))
    return tuple(dict.fromkeys(part for part in parts if part))
