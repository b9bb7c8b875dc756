"""Rate limits over all replicas: of a tenant's requests, those of each of its clients, measures and notifications.

They hold within a minute or a day. Where a tenant has none, a request costs one look into a dictionary.
"""

from services.kernel.ratelimit.limiter import Limiter
from services.kernel.ratelimit.sharing import Sharing
from services.kernel.ratelimit.standing import MEASURES, NOTIFICATIONS, POLICIES, Granted, Policy, Standing
from services.kernel.ratelimit.tables import rate_window_table

__all__ = [
    "MEASURES",
    "NOTIFICATIONS",
    "POLICIES",
    "Granted",
    "Limiter",
    "Policy",
    "Sharing",
    "Standing",
    "rate_window_table",
]
