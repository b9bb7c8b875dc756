"""Auth, as the tests of auth have it."""

from tests.integration.auth.conftest import Guarded, guarded, hub, settings

__all__ = ["Guarded", "guarded", "hub", "settings"]
