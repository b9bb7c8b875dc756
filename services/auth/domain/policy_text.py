"""Policies of a tenant in Cedar, as somebody hands them in: parsed, and held against the schema."""

import cedarpy

from services.kernel.errors import BadData
from services.kernel.identity.policies import SCHEMA, Policies

LONGEST_TEXT = 65_536
MOST_CELLS = 400


def read_policies(text: str) -> str:
    """Hold policies against grammar, schema and size. Raises BadData naming each policy that breaks a rule."""
    if len(text) > LONGEST_TEXT:
        raise BadData(f"Policies are at most {LONGEST_TEXT} characters", field="text")
    found = cedarpy.validate_policies(text, SCHEMA)
    if not found.validation_passed:
        named = found.id_annotations_by_policy_id
        errors = [{"policy": named.get(each.policy_id, each.policy_id), "detail": each.error} for each in found.errors]
        raise BadData(f"The policies are not valid: {errors[0]['detail']}", field="text", errors=errors)
    count = len(list(Policies(text).cells()))
    if count > MOST_CELLS:
        raise BadData(
            f"Policies name too many paths and types: {count} combinations, at most {MOST_CELLS}", field="text"
        )
    return text
