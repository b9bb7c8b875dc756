"""Rate limits: requests of a tenant, and of each of its clients, within a minute or a day, over all replicas.

Where a tenant has none, a request costs one look into a dictionary.
"""

from services.kernel.ratelimit.limiter import Limiter
from services.kernel.ratelimit.sharing import Sharing
from services.kernel.ratelimit.standing import POLICIES, Policy, Standing
from services.kernel.ratelimit.tables import rate_window_table

__all__ = ["POLICIES", "Limiter", "Policy", "Sharing", "Standing", "rate_window_table"]
