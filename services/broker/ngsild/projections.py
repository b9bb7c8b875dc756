"""`pick` and `omit`: which members are shown, also of linked entities (4.21).

projection = member *( ("," / "|") member )
member     = name [ "{" projection "}" ]
"""

import re
from typing import Final

from services.broker.domain.names import Context
from services.broker.ngsild.input_values import check_name
from services.broker.ngsild.representation import Projection
from services.kernel.errors import BadData

_CORE: Final = frozenset({"id", "type", "scope", "createdAt", "modifiedAt", "expiresAt"})
_PUNCTUATION: Final = frozenset("{},|")
_TOKEN: Final = re.compile(r"[{},|]|[^{},|]+")


def read_projection(text: str, context: Context, where: str) -> Projection:
    """Read a projection. Raises BadData."""
    tokens = [token.strip() for token in _TOKEN.findall(text) if token.strip()]
    reader = _Reader(tokens, context, where)
    projection = reader.projection()
    if reader.peek() is not None:
        raise BadData(f"{where} has '{reader.peek()}' where a name or its end must be", field=where)
    return projection


class _Reader:
    def __init__(self, tokens: list[str], context: Context, where: str) -> None:
        self._tokens = tokens
        self._position = 0
        self._context = context
        self._where = where

    def peek(self) -> str | None:
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def _take(self) -> str | None:
        token = self.peek()
        self._position += 1
        return token

    def projection(self) -> Projection:
        names: list[str] = []
        below: dict[str, Projection] = {}
        while True:
            name = self._name()
            names.append(name)
            if self.peek() == "{":
                self._take()
                below[name] = self.projection()
                if self._take() != "}":
                    raise BadData(f"{self._where} lacks a closing brace", field=self._where)
            if self.peek() not in (",", "|"):
                return Projection(frozenset(names), below)
            self._take()

    def _name(self) -> str:
        token = self._take()
        if token is None or token in _PUNCTUATION or any(each.isspace() for each in token):
            raise BadData(f"{self._where} must be names separated by commas", field=self._where)
        check_name(token, self._where)
        return token if token in _CORE else self._context.expand(token)
