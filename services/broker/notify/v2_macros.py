"""The `${…}` macros of NGSIv2 custom notifications: JEXL expressions over the notified entity."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from services.broker.domain.change import ChangeKind
from services.broker.domain.expression_values import entity_values
from services.broker.domain.notice import Notice
from services.broker.ngsiv2.names import Names
from services.kernel.jexl.bounds import LARGEST, Bounds
from services.kernel.jexl.evaluator import evaluate
from services.kernel.jexl.tree import Fault
from services.kernel.jexl.values import as_text

_LARGEST: Final = 8 * LARGEST


class Macros:
    """Fills in templates. A name that is a value is that value, even where it reads as an expression (`a-b`)."""

    def __init__(self, values: Mapping[str, Any], now: datetime) -> None:
        self._values = dict(values)
        self._now = now
        self._bounds = Bounds(_LARGEST)

    def put(self, name: str, value: Any) -> None:
        """Let later expressions use a value."""
        self._values[name] = value

    def value(self, expression: str) -> Any:
        """Return what a macro stands for; null where that cannot be told, or is too much."""
        name = expression.strip()
        found = self._values[name] if name in self._values else evaluate(name, self._values, self._now, self._bounds)
        try:
            return self._bounds.take(found)
        except Fault:
            return None

    def text(self, template: str) -> str:
        """Fill in a text: a missing value is `null`, an object is JSON."""
        literals, expressions = split_template(template)
        filled = [literals[0]]
        for expression, literal in zip(expressions, literals[1:], strict=True):
            filled += [as_text(self.value(expression)), literal]
        return "".join(filled)

    def json(self, template: Any) -> Any:
        """Fill in JSON, its keys but not: a macro that is the whole string keeps the type of its value."""
        match template:
            case str():
                literals, expressions = split_template(template)
                return self.value(expressions[0]) if literals == ("", "") else self.text(template)
            case dict():
                return {name: self.json(each) for name, each in template.items()}
            case list():
                return [self.json(each) for each in template]
            case _:
                return template


def macros_of(notice: Notice, names: Names, tenant_name: str) -> Macros:
    """Return the macros of a notice: id, type, service, servicePath, attributes and metadata of its entity."""
    entity = notice.entities[0]
    is_deleted = notice.kind == ChangeKind.DELETED
    values = entity_values(entity, None if is_deleted else notice.previous, names.short, "delete" if is_deleted else "")
    return Macros({**values, "service": tenant_name}, notice.created_at)


@lru_cache(maxsize=4096)
def split_template(template: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split a template into the texts around its macros and the macros; what is not closed is text."""
    literals, expressions, at = [], [], 0
    while (start := template.find("${", at)) >= 0:
        end = _closing(template, start + 2)
        if end is None:
            break
        literals.append(template[at:start])
        expressions.append(template[start + 2 : end])
        at = end + 1
    return (*literals, template[at:]), tuple(expressions)


def _closing(template: str, at: int) -> int | None:
    """Return where the brace is closed that was opened before; braces in quotes do not count."""
    depth, quote = 1, ""
    while at < len(template):
        character = template[at]
        if quote:
            at += character == "\\"
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "{}":
            depth += 1 if character == "{" else -1
            if not depth:
                return at
        at += 1
    return None
