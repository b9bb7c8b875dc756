"""`package_revise`: what a package becomes after a filter and an update (CKAN API guide)."""

import re
from collections.abc import Mapping
from typing import Any

from services.catalog.ckan.errors import ParameterError
from services.catalog.ckan.parameters import PackageRevision

_STEP = re.compile(r"__")


def revised(package: dict[str, Any], wanted: PackageRevision) -> dict[str, Any]:
    """Return a package with what a revision changes. Raises ParameterError where it does not match."""
    for name, value in wanted.match.items():
        if package.get(name) != value and not (name in ("id", "name") and value in (package["id"], package["name"])):
            raise ParameterError({f"match__{name}": ["no such package"]})
    changed = _filtered(package, wanted.filter)
    changed = _merged(changed, wanted.update)
    for path, value in wanted.flat("update").items():
        changed = _at(changed, _STEP.split(path), value)
    return changed


def _filtered(package: dict[str, Any], patterns: list[str]) -> dict[str, Any]:
    """Keep what `+name` names and take away what `-name` names; `*` stands for all, resources go by identifier."""
    kept = dict(package)
    for name in list(package):
        for pattern in patterns:
            steps = _STEP.split(pattern[1:])
            if steps[0] in ("*", name) and len(steps) == 1:
                if pattern.startswith("-"):
                    kept.pop(name, None)
                break
    for pattern in patterns:
        steps = _STEP.split(pattern[1:])
        if pattern.startswith("-") and len(steps) == 2 and isinstance(kept.get(steps[0]), list):
            kept[steps[0]] = [] if steps[1] == "*" else [each for each in kept[steps[0]] if not _is(each, steps[1])]
    return {**kept, "id": package["id"], "name": package["name"]}


def _merged(package: dict[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    return {**package, **update}


def _at(value: Any, steps: list[str], wanted: Any) -> Any:
    """Return a value with another value at a place in it: members by name, items by number or identifier."""
    if not steps:
        return {**value, **wanted} if isinstance(value, dict) and isinstance(wanted, dict) else wanted
    step, rest = steps[0], steps[1:]
    if isinstance(value, dict):
        return {**value, step: _at(value.get(step), rest, wanted)}
    if isinstance(value, list):
        if step == "extend" and isinstance(wanted, list):
            return [*value, *wanted]
        found = [place for place, each in enumerate(value) if _is(each, step) or step == str(place)]
        if found:
            return [_at(each, rest, wanted) if place == found[0] else each for place, each in enumerate(value)]
    raise ParameterError({"update": [f"'{step}' is no place in the package"]})


def _is(each: Any, identifier: str) -> bool:
    """Tell whether an item has an identifier, or one that begins with the given characters."""
    if not isinstance(each, dict) or len(identifier) < 5:
        return False
    return str(each.get("id", "")).startswith(identifier)
