"""The guard of outgoing requests, by the name under which the broker knows it."""

from services.kernel.egress import EgressRefused, GuardedResolver, Policy, check_url, connector_arguments, is_allowed

__all__ = ["EgressRefused", "GuardedResolver", "Policy", "check_url", "connector_arguments", "is_allowed"]
