"""Examples to copy: a data set with curl, Python and JavaScript, with nothing to install."""

from dataclasses import dataclass

from services.catalog.domain.dataset import Dataset
from services.catalog.domain.distribution import Distribution


@dataclass(frozen=True, slots=True)
class Snippet:
    """An example: its title in two languages, its language for the reader's eye, its text."""

    title: str
    title_en: str
    text: str


def snippets(dataset: Dataset, catalogue: str, forms: tuple[Distribution, ...]) -> tuple[Snippet, ...]:
    """Return examples that read a data set as it can be had."""
    if dataset.live is not None:
        return _live(f"{catalogue}/datasets/{dataset.name}", dataset.name)
    for wanted in ("csv", "json", "geojson"):
        for each in forms:
            if each.format.casefold() == wanted and each.download_url:
                return _file(each.download_url, f"{dataset.name}.{wanted}")
    return ()


def _live(address: str, name: str) -> tuple[Snippet, ...]:
    return (
        Snippet("curl（CSVを保存する）", "curl (save as CSV)", f"curl -o {name}.csv '{address}/download.csv'"),
        Snippet("Python", "Python", _PYTHON_CSV.format(address=f"{address}/download.csv")),
        Snippet("JavaScript", "JavaScript", _JAVASCRIPT_GEOJSON.format(address=f"{address}/download.geojson")),
    )


def _file(address: str, name: str) -> tuple[Snippet, ...]:
    saved = Snippet("curl（保存する）", "curl (save)", f"curl -L -o {name} '{address}'")
    if not name.endswith(".csv"):
        return (saved,)
    return (
        saved,
        Snippet("Python", "Python", _PYTHON_CSV.format(address=address)),
        Snippet("JavaScript", "JavaScript", _JAVASCRIPT_TEXT.format(address=address)),
    )


_PYTHON_CSV = """\
import csv
import io
import urllib.request

address = "{address}"
with urllib.request.urlopen(address) as answer:
    rows = list(csv.DictReader(io.TextIOWrapper(answer, encoding="utf-8-sig")))

print(len(rows))
print(rows[0])"""
_JAVASCRIPT_GEOJSON = """\
const address = "{address}";
const answer = await fetch(address);
const {{ features }} = await answer.json();

console.log(features.length);
console.log(features[0]);"""
_JAVASCRIPT_TEXT = """\
const address = "{address}";
const answer = await fetch(address);
const text = await answer.text();

console.log(text.slice(0, 200));"""
