"""The API documentation page of a service: works without internet."""

from fastapi import FastAPI


def install(app: FastAPI) -> None:
    """Serve the documentation page at `/docs`."""
