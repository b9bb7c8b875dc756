"""The NGSI-LD scope query language (`scopeQ`, 4.19), percent-decoded.

    query  = all *( ( "|" / "," ) all )
    all    = factor *( ";" factor )
    factor = "(" query ")" / scope
    scope  = [ "/" ] level *( "/" level ) [ "/#" ] / "/#"
    level  = "+" / 1*( any character but / # + ( ) | , ; and blanks )

`+` stands for one level, `#` for the scope and all below it; `/#` for any scope at all.
"""

from services.broker.domain.selection import ScopeAll, ScopeAny, ScopeExpression, ScopeIs
from services.broker.query.scanner import Scanner

_ENDS = "()|,;"


def parse_scope(text: str, parameter: str = "scopeQ") -> ScopeExpression:
    """Parse a scope query. Raises BadData naming the place, TooComplex."""
    scanner = Scanner(text, parameter)
    expression = _any(scanner)
    scanner.finish()
    return expression


def _any(scanner: Scanner) -> ScopeExpression:
    parts = [_all(scanner)]
    while scanner.take_first("|", ","):
        parts.append(_all(scanner))
    return parts[0] if len(parts) == 1 else ScopeAny(tuple(parts))


def _all(scanner: Scanner) -> ScopeExpression:
    parts = [_factor(scanner)]
    while scanner.take(";"):
        parts.append(_factor(scanner))
    return parts[0] if len(parts) == 1 else ScopeAll(tuple(parts))


def _factor(scanner: Scanner) -> ScopeExpression:
    scanner.skip_blanks()
    if not scanner.take("("):
        return _scope(scanner)
    with scanner.nested():
        expression = _any(scanner)
        scanner.need(")")
    scanner.skip_blanks()
    return expression


def _scope(scanner: Scanner) -> ScopeIs:
    scanner.count_term()
    start = scanner.at
    levels = scanner.take_until(_ENDS).removeprefix("/").split("/")
    below = levels[-1] == "#"
    levels = levels[:-1] if below else levels
    if not below and not any(levels):
        raise scanner.wrong("a scope is missing", start)
    for level in levels:
        if not level or " " in level or "#" in level or ("+" in level and level != "+"):
            raise scanner.wrong("a level of the scope is not valid", start)
    return ScopeIs(tuple(levels), below)
