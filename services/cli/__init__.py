"""The `hiroba` command. Each subcommand is a module of its own, imported when it is called."""

import importlib

import click

_COMMANDS = (
    "up",
    "serve",
    "migrate",
    "tenant",
    "client",
    "user",
    "audit",
    "usage",
    "costs",
    "subscriptions",
    "deadletters",
    "index",
    "import",
    "imports",
    "export",
    "harvest",
    "mqtt",
    "demo",
    "bench",
)
_MODULES = {"import": "import_file"}
"""Commands whose name cannot be that of a module."""


class _LazyGroup(click.Group):
    """Imports a subcommand's module only when it is needed: `services.cli.<name>:<name>`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the subcommands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one subcommand."""
        if cmd_name not in _COMMANDS:
            return None
        name = _MODULES.get(cmd_name, cmd_name)
        command: click.Command = getattr(importlib.import_module(f"services.cli.{name}"), name)
        return command


@click.group(cls=_LazyGroup)
@click.version_option(package_name="hiroba")
def main() -> None:
    """Hiroba: an urban OS data hub."""
