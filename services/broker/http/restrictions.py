"""What a tenant's rules withhold from a caller, in the words of the store: paths, and names that are expanded."""

from collections.abc import Callable

from services.broker.domain.withheld import Withheld
from services.kernel.identity import Principal
from services.kernel.identity.assurance import require_assurance
from services.kernel.identity.rules import Rules


def withheld_from(
    rules: Rules, principal: Principal, action: str, expand: Callable[[str], str]
) -> tuple[Withheld, ...]:
    """Return what a caller may not see or change, although its grants reach it."""
    return tuple(
        Withheld(
            rule.path,
            tuple(map(expand, rule.types)),
            tuple(map(expand, rule.attributes)),
            rule.asked.ial,
            rule.asked.aal,
        )
        for rule in rules.short_of(principal, action)
    )


def refuse_below_rules(rules: Rules, principal: Principal, action: str) -> None:
    """Hold a caller of a route that keeps to no view against the levels that the whole tenant asks.

    Raises InsufficientAssurance.
    """
    whole = [rule.asked for rule in rules.short_of(principal, action) if not rule.types and not rule.attributes]
    require_assurance(principal.assurance, whole, "The tenant")
