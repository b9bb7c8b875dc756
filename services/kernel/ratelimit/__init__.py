"""Rate limits: requests of a tenant, and of each of its clients, and measures of its devices, over all replicas.

They hold within a minute or a day. Where a tenant has none, a request costs one look into a dictionary.
"""

from services.kernel.ratelimit.limiter import Limiter
from services.kernel.ratelimit.sharing import Sharing
from services.kernel.ratelimit.standing import MEASURES, POLICIES, Granted, Policy, Standing
from services.kernel.ratelimit.tables import rate_window_table

__all__ = ["MEASURES", "POLICIES", "Granted", "Limiter", "Policy", "Sharing", "Standing", "rate_window_table"]
