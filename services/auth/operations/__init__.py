"""One function for each use case, one transaction each."""

from services.auth.operations.first_start import bootstrap

__all__ = ["bootstrap"]
