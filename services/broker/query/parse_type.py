"""The NGSI-LD entity type selection language (`type`, 4.17), percent-decoded.

types  = all *( ( "|" / "," ) all )
all    = factor *( ";" factor )
factor = "(" types ")" / name
name   = 1*( any character but ( ) | , ; and blanks )       ; a term, a compact IRI or an IRI
"""

from collections.abc import Callable

from services.broker.domain.selection import TypeAll, TypeAny, TypeExpression, TypeIs
from services.broker.query.scanner import Scanner

_ENDS = "()|,;"


def parse_type(text: str, expand: Callable[[str], str], parameter: str = "type") -> TypeExpression:
    """Parse a type selection. Raises BadData naming the place, TooComplex."""
    scanner = Scanner(text, parameter)
    expression = _any(scanner, expand)
    scanner.finish()
    return expression


def _any(scanner: Scanner, expand: Callable[[str], str]) -> TypeExpression:
    parts = [_all(scanner, expand)]
    while scanner.take_first("|", ","):
        parts.append(_all(scanner, expand))
    return parts[0] if len(parts) == 1 else TypeAny(tuple(parts))


def _all(scanner: Scanner, expand: Callable[[str], str]) -> TypeExpression:
    parts = [_factor(scanner, expand)]
    while scanner.take(";"):
        parts.append(_factor(scanner, expand))
    return parts[0] if len(parts) == 1 else TypeAll(tuple(parts))


def _factor(scanner: Scanner, expand: Callable[[str], str]) -> TypeExpression:
    scanner.skip_blanks()
    if not scanner.take("("):
        return _name(scanner, expand)
    with scanner.nested():
        expression = _any(scanner, expand)
        scanner.need(")")
    scanner.skip_blanks()
    return expression


def _name(scanner: Scanner, expand: Callable[[str], str]) -> TypeIs:
    scanner.count_term()
    start = scanner.at
    name = scanner.take_until(_ENDS)
    if not name or " " in name:
        raise scanner.wrong("the name of a type is missing or not valid", start)
    return TypeIs(expand(name))
