"""The `hiroba` command."""

import click


@click.group()
def main() -> None:
    """Hiroba: an urban OS data hub."""
