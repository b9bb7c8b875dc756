"""Where a service's settings class is found."""

import importlib

from services.kernel.settings import Settings


def service_settings(service: str) -> type[Settings]:
    """Return the class of a service's settings: `services.<service>.settings.<Service>Settings`."""
    module = importlib.import_module(f"services.{service}.settings")
    kind: type[Settings] = getattr(module, f"{service.title()}Settings")
    return kind
