"""The factories that uvicorn's worker processes import, one per service."""

from services.cli.server import create
from services.kernel.telemetry import AsgiApp


def auth() -> AsgiApp:
    """Build the app of `auth`."""
    return create("auth")


def broker() -> AsgiApp:
    """Build the app of `broker`."""
    return create("broker")


def catalog() -> AsgiApp:
    """Build the app of `catalog`."""
    return create("catalog")
