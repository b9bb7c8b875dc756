"""One function for each use case, one transaction each."""

from services.auth.operations.first_start import bootstrap, ensure_service_client

__all__ = ["bootstrap", "ensure_service_client"]
