"""The reference table of all settings, written from the settings classes themselves.

`python -m services.local.settings_table` prints the page `docs/reference/settings.md`.
"""

import typing
from collections.abc import Iterator

from pydantic.fields import FieldInfo

from services.kernel.settings import Port, Settings
from services.local.database import password_variable
from services.local.environment import SERVICES
from services.local.service_settings import service_settings
from services.local.settings import LocalSettings

_HEAD = """\
# Settings

Everything is told by environment variables with the prefix `HIROBA_`. A service refuses to start when one cannot be
read or two contradict each other, and says which. This page is written by `scripts/settings-table` from the settings
themselves.
"""


def settings_page() -> str:
    """Write the whole page."""
    parts = [_HEAD, _section("Every service", Settings, frozenset())]
    common = frozenset(Settings.model_fields)
    parts += [_section(f"`{service}`", service_settings(service), common) for service in sorted(SERVICES)]
    parts.append(_section("`hiroba up`", LocalSettings, common - _changed(LocalSettings)))
    parts.append(_migration_section())
    return "\n".join(parts)


def known_variables() -> set[str]:
    """Return the name of every environment variable that the hub reads."""
    kinds: list[type[Settings]] = [LocalSettings, *(service_settings(service) for service in SERVICES)]
    fields = {name for kind in kinds for name in kind.model_fields}
    return {_variable(name) for name in fields} | {password_variable(service) for service in SERVICES}


def _changed(kind: type[Settings]) -> frozenset[str]:
    """Return the common settings to which a class gives another default."""
    common = Settings.model_fields
    fields = {name: field for name, field in kind.model_fields.items() if name in common}
    return frozenset(name for name, field in fields.items() if field.default != common[name].default)


def _section(title: str, kind: type[Settings], without: frozenset[str]) -> str:
    rows = [_row(name, field) for name, field in kind.model_fields.items() if name not in without]
    return "\n".join([f"## {title}\n", "| variable | default | what it tells |", "|---|---|---|", *rows, ""])


def _migration_section() -> str:
    told = "Password of the role `hiroba_{}`. Empty: generated into `roles.json` of the data directory"
    rows = [f"| `{password_variable(each)}` | | {told.format(each)} |" for each in sorted(SERVICES)]
    return "\n".join(["## `hiroba migrate`\n", "| variable | default | what it tells |", "|---|---|---|", *rows, ""])


def _row(name: str, field: FieldInfo) -> str:
    default = "" if str(field.default) == "" else f"`{field.default}`"
    bounds = ", ".join(_bounds(field))
    text = f"{field.description} ({bounds})" if bounds else f"{field.description}"
    return f"| `{_variable(name)}` | {default} | {text.replace('|', chr(92) + '|')} |".replace("|  |", "| |")


def _variable(name: str) -> str:
    return f"HIROBA_{name.upper()}"


def _is_port(field: FieldInfo) -> bool:
    return field.metadata == list(typing.get_args(Port)[1].metadata)


def _bounds(field: FieldInfo) -> Iterator[str]:
    if typing.get_origin(field.annotation) is typing.Literal:
        yield " or ".join(f"`{value}`" for value in typing.get_args(field.annotation))
    for rule in field.metadata if not _is_port(field) else ():
        for sign, words in (("ge", "at least"), ("gt", "more than"), ("le", "at most")):
            if (bound := getattr(rule, sign, None)) is not None:
                yield f"{words} {bound}"


if __name__ == "__main__":
    print(settings_page(), end="")
