"""Examples to copy: a data set with curl, Python and JavaScript, with nothing to install."""

import json
import shlex
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
    other = next((each for each in forms if each.download_url), None)
    return () if other is None else _file(other.download_url, f"{dataset.name}{_suffix(other)}")


def _suffix(distribution: Distribution) -> str:
    """Return how the name of a saved file ends, as far as the format says it."""
    folded = distribution.format.casefold()
    return f".{folded}" if folded.isascii() and folded.isalnum() else ""


def _live(address: str, name: str) -> tuple[Snippet, ...]:
    return (
        Snippet("curl（CSVを保存する）", "curl (save as CSV)", f"curl -o {name}.csv '{address}/download.csv'"),
        Snippet("Python", "Python", _PYTHON_CSV.format(address=f"{address}/download.csv")),
        Snippet("JavaScript", "JavaScript", _JAVASCRIPT_GEOJSON.format(address=f"{address}/download.geojson")),
    )


def _file(address: str, name: str) -> tuple[Snippet, ...]:
    saved = Snippet("curl（保存する）", "curl (save)", f"curl -L -o {name} {shlex.quote(address)}")
    if not name.endswith(".csv"):
        return (saved,)
    return (
        saved,
        Snippet("Python", "Python", _PYTHON_FILE.format(address=json.dumps(address))),
        Snippet("JavaScript", "JavaScript", _JAVASCRIPT_FILE.format(address=json.dumps(address))),
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
_PYTHON_FILE = """\
import csv
import io
import urllib.request

address = {address}
with urllib.request.urlopen(address) as answer:
    body = answer.read()

try:
    text = body.decode("utf-8-sig")
except UnicodeDecodeError:
    text = body.decode("cp932")
rows = list(csv.DictReader(io.StringIO(text)))

print(len(rows))
print(rows[0])"""
_JAVASCRIPT_FILE = """\
const address = {address};
const answer = await fetch(address);
const body = await answer.arrayBuffer();

let text;
try {{
  text = new TextDecoder("utf-8", {{ fatal: true }}).decode(body);
}} catch {{
  text = new TextDecoder("shift_jis").decode(body);
}}

console.log(text.slice(0, 200));"""
