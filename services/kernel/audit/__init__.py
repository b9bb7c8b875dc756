"""The audit trail of a service: refusals, administrative acts, and who reads and writes which types how often.

Each process chains its records by hashes in a segment of its own, keeps them in the service's schema, and hands them
over to auth, which holds each against its chain, stores it for good, and lets it be searched.
"""

from services.kernel.audit.audited import Audited
from services.kernel.audit.journal import Journal
from services.kernel.audit.tables import audit_tables
from services.kernel.audit.trail import Deed, Trail, origin

__all__ = ["Audited", "Deed", "Journal", "Trail", "audit_tables", "origin"]
