"""`python -m services.cli` is the `hiroba` command."""

from services.cli import main

main(prog_name="hiroba")
