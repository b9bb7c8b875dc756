"""The mappings that come with ingest, and the choice among them and a tenant's own."""

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

from services.ingest.importing.mapping import Mapping
from services.kernel.errors import InvalidRequest, NotFound

_INCLUDES = "includes"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller says a file is, where its columns do not tell: a type, a mapping, the file's name and title."""

    type: str | None = None
    mapping: str | None = None
    file_name: str = ""
    title: str = ""


class MappingShelf:
    """The mappings there are. One that stands earlier hides a later one of its name."""

    def __init__(self, mappings: Sequence[Mapping], own: AbstractSet[str] = frozenset()) -> None:
        self._mappings = mappings
        self._own = own

    def is_own(self, mapping: Mapping) -> bool:
        """Tell whether a mapping is a tenant's own."""
        return mapping.name in self._own

    def all(self) -> Sequence[Mapping]:
        """Return every mapping, by name."""
        return self._mappings

    def with_own(self, mappings: Sequence[Mapping]) -> "MappingShelf":
        """Return a shelf on which a tenant's own mappings stand first."""
        own = {each.name for each in mappings}
        return MappingShelf([*mappings, *(each for each in self._mappings if each.name not in own)], own)

    @cached_property
    def known_columns(self) -> frozenset[str]:
        """Every column that a mapping reads."""
        return frozenset(name for each in self._mappings for name in each.known_columns)

    def named(self, name: str) -> Mapping:
        """Return one mapping. Raises NotFound."""
        found = next((each for each in self._mappings if each.name == name), None)
        if found is None:
            raise NotFound(f"Mapping {name:.100} does not exist", field="mapping")
        return found

    def choose(self, columns: Sequence[str], wanted: Wanted) -> Mapping:
        """Return the mapping for a file: the one named, or the one that fits its columns best.

        Raises NotFound for a name that does not exist; InvalidRequest if none fits or several fit alike.
        """
        if wanted.mapping is not None:
            return self._named(wanted.mapping, columns, wanted.type)
        found = self.find(columns, wanted)
        if found is None:
            names = ", ".join(columns)[:300]
            what = f"of type {wanted.type}" if wanted.type else "of a known kind"
            raise InvalidRequest(f"No mapping {what} fits the columns {names}", field="type")
        return found

    def find(self, columns: Sequence[str], wanted: Wanted) -> Mapping | None:
        """Return the mapping that fits the columns best, none if none does. Raises InvalidRequest if several do alike.

        A file's name decides before the number of columns that a mapping knows, and is needed where a mapping's columns
        are those of many kinds of files.
        """
        fitting = [each for each in self._mappings if each.fits(columns) and _may_be(each, wanted)]
        if not fitting:
            return None
        given = frozenset(columns)
        scores = {
            each.name: (bool(wanted.file_name) and each.is_named_by(wanted.file_name), len(each.known_columns & given))
            for each in fitting
        }
        best = [each for each in fitting if scores[each.name] == max(scores.values())]
        if len(best) > 1:
            types = ", ".join(sorted(each.type for each in best))
            raise InvalidRequest(f"The columns fit several mappings: say type, one of {types}", field="type")
        return best[0]

    def _named(self, name: str, columns: Sequence[str], entity_type: str | None) -> Mapping:
        found = self.named(name)
        if entity_type not in (None, found.type):
            raise InvalidRequest(f"Mapping {name} makes entities of type {found.type}", field="type")
        if missing := found.missing(columns):
            raise InvalidRequest(f"The file lacks columns of mapping {name}: {', '.join(missing)}", field="mapping")
        return found


def _may_be(mapping: Mapping, wanted: Wanted) -> bool:
    if wanted.type is not None:
        return wanted.type == mapping.type
    return not mapping.needs_name or mapping.is_named_by(wanted.file_name)


def load_mappings() -> MappingShelf:
    """Read the mappings that come with ingest: one file each, `blocks.json` for what several of them include."""
    folder = files("services.ingest").joinpath("mappings")
    texts = sorted((each.name, each.read_text("utf-8")) for each in folder.iterdir() if each.name.endswith(".json"))
    documents = {name: json.loads(text) for name, text in texts if name not in ("blocks.json", "guesses.json")}
    blocks = json.loads(folder.joinpath("blocks.json").read_text("utf-8"))
    return MappingShelf([Mapping.model_validate(_whole(document, blocks)) for document in documents.values()])


def _whole(document: dict[str, Any], blocks: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Put the members of the blocks that a mapping includes behind its own; its own stand for those of their name."""
    whole = {key: value for key, value in document.items() if key != _INCLUDES}
    rules = list(whole.get("attributes", []))
    for name in document.get(_INCLUDES, []):
        block = blocks[name]
        whole = {**{key: value for key, value in block.items() if key != "attributes"}, **whole}
        have = {rule["name"] for rule in rules}
        taken = {column for rule in rules for column in rule["columns"]}
        more = [rule for rule in block.get("attributes", []) if rule["name"] not in have]
        rules += [rule for rule in more if not taken & set(rule["columns"])]
    return {**whole, "attributes": rules}
